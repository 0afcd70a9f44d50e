/** What Amavis's files are made of: the mail system as one host sees it, escaped, in a fixed order. */
import type { TemplateViews } from '../../src/generated/templates.js';
import { formatAddress } from '../../src/model/address.ts';
import { canary } from '../../src/model/canary.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Host, MailSystem } from '../../src/model/mail-system.ts';
import { perlNumber, perlString } from '../../src/render/escape/perl.ts';
import { spamassassinWord } from '../../src/render/escape/spamassassin.ts';
import { trusted } from '../../src/render/escaped.ts';
import { generatedNotice } from '../../src/render/host-layout.ts';
import { scanLimit } from '../../src/render/scan-limit.ts';

/** Whom this host's Amavis talks to, and where it answers itself. */
export interface Peers {
  /** Its own. */
  readonly amavis: Endpoint;
  readonly reinjection: Endpoint;
  /** Null exactly where nothing is scanned for viruses. */
  readonly clamd: Endpoint | null;
}

/**
 * Null when the host runs no Amavis, nothing is filtered, there is nobody to hand mail back to, or a scanner is
 * wanted and not there: mail is never passed on unscanned.
 */
export function peersOf(system: MailSystem, host: Host): Peers | null {
  const { spam, virus } = system;
  const endpoints = system.endpoints[host.name];
  if (!host.services.includes('amavis') || endpoints === undefined) return null;
  const { amavis, reinjection, clamd } = endpoints;
  if (!(spam.enabled || virus.enabled) || amavis === null || reinjection === null) return null;
  if (!virus.enabled) return { amavis, reinjection, clamd: null };
  return clamd === null ? null : { amavis, reinjection, clamd };
}

/** Whether Dovecot, on the same host, hands messages over to be learned from. */
export function learns({ spam }: MailSystem, host: Host): boolean {
  return spam.enabled && spam.bayes && host.services.includes('dovecot');
}

export function amavisdView(
  system: MailSystem,
  host: Host,
  peers: Peers,
): TemplateViews['amavis/amavisd.conf'] {
  const { domains, mail, network, spam } = system;
  const { subnet4, subnet6 } = network;
  return {
    notice: trusted<'perl'>(generatedNotice),
    hostname: perlString(host.name),
    domains: domains.map(({ name }) => perlString(name)),
    port: perlNumber(peers.amavis.port),
    networks: [perlString(subnet4), ...(subnet6 === null ? [] : [perlString(bracketed(subnet6))])],
    reinjection: perlString(`smtp:[${peers.reinjection.container}]:${peers.reinjection.port}`),
    expansion: perlNumber(scanLimit(mail.messageSize)),
    clamd: peers.clamd && perlString(`clamd:[${peers.clamd.container}]:${peers.clamd.port}`),
    canary: perlString(formatAddress(canary)),
    spam: spam.enabled
      ? {
          tagLevel: perlNumber(spam.tagLevel),
          junkLevel: perlNumber(spam.junkLevel),
          discardLevel: spam.discardLevel === null ? null : perlNumber(spam.discardLevel),
        }
      : null,
  };
}

export function localView({ hosts, spam }: MailSystem): TemplateViews['amavis/spamassassin-local.cf'] {
  const addresses = [...new Set(hosts.flatMap((host) => host.addresses))];
  return {
    notice,
    junkLevel: spamassassinWord(String(spam.junkLevel)),
    trusted: addresses.map(spamassassinWord),
    bayes: spam.bayes,
    pyzor: spam.pyzor,
    razor: spam.razor,
  };
}

export function pluginsView({ spam }: MailSystem): TemplateViews['amavis/plugins.pre'] {
  return { notice, pyzor: spam.pyzor, razor: spam.razor };
}

export function localStartView(): TemplateViews['amavis/LocalStart.pm'] {
  return { notice: trusted<'perl'>(generatedNotice) };
}

export function razorView(): TemplateViews['amavis/razor-agent.conf'] {
  return { notice };
}

export function learnSpamView(): TemplateViews['amavis/learn-spam'] {
  return { notice: trusted<'shell'>(generatedNotice) };
}

const notice = trusted<'spamassassin'>(generatedNotice);

/** As Amavis writes IPv6 ranges: `[fd00::]/64`. */
function bracketed(subnet: string): string {
  const [address, bits] = subnet.split('/');
  return `[${address}]/${bits}`;
}
