/** What Dovecot's files are made of: the mail system as one host sees it, escaped, in a fixed order. */
import type { TemplateViews } from '../../src/generated/templates.js';
import { formatAddress } from '../../src/model/address.ts';
import { canary, canaryMailbox, canaryPasswordSecret } from '../../src/model/canary.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Host, MailSystem, PortName } from '../../src/model/mail-system.ts';
import { dovecotString } from '../../src/render/escape/dovecot.ts';
import { shellWord } from '../../src/render/escape/shell.ts';
import { type Escaped, trusted } from '../../src/render/escaped.ts';
import { generatedNotice } from '../../src/render/host-layout.ts';
import { secretMarker } from '../../src/render/secret-marker.ts';
import { tlsFiles } from '../../src/render/tls-files.ts';

/** Whom this host's Dovecot talks to, and where it answers itself. */
export interface Peers {
  readonly database: Endpoint;
  /** Its own. */
  readonly lmtp: Endpoint;
  readonly quotaStatus: Endpoint;
  readonly sasl: Endpoint;
  /** Null where there is no Postfix that Sieve's mail could leave through. */
  readonly reinjection: Endpoint | null;
}

/** Null when the host runs no Dovecot, or one that would know no user. */
export function peersOf(system: MailSystem, host: Host): Peers | null {
  const endpoints = system.endpoints[host.name];
  if (!host.services.includes('dovecot') || endpoints === undefined) return null;
  const { database, lmtp, sasl, reinjection, 'quota-status': quotaStatus } = endpoints;
  if (database === null || lmtp === null || sasl === null || quotaStatus === null) return null;
  return { database, lmtp, quotaStatus, sasl, reinjection };
}

/** Whether messages are handed over to SpamAssassin, which must run on the same host: they share a folder. */
export function learns({ spam }: MailSystem, host: Host): boolean {
  return spam.enabled && spam.bayes && host.services.includes('amavis');
}

/** The ports inside the container; which of them are published, and as what, the host says. */
export const clientPorts = {
  imap: 143,
  imaps: 993,
  pop3: 110,
  pop3s: 995,
  sieve: 4190,
} as const satisfies Partial<Record<PortName, number>>;

export type ClientPort = keyof typeof clientPorts;

/** Protocols that clients reach on this host, as Dovecot names them. */
export function clientProtocols({ ports, tls }: Host): readonly ('imap' | 'pop3' | 'sieve')[] {
  if (tls === null) return [];
  return [
    ...(ports.imap !== null || ports.imaps !== null ? (['imap'] as const) : []),
    ...(ports.pop3 !== null || ports.pop3s !== null ? (['pop3'] as const) : []),
    ...(ports.sieve !== null ? (['sieve'] as const) : []),
  ];
}

export function mainView(
  system: MailSystem,
  host: Host,
  peers: Peers,
): TemplateViews['dovecot/dovecot.conf'] {
  const { mail, database } = system;
  const protocols = clientProtocols(host);
  const tls = host.tls && tlsFiles(host.tls);
  return {
    ...identity(system, host),
    protocols: trusted<'dovecot'>(['lmtp', ...protocols].join(' ')),
    recipientDelimiter: dovecotString(mail.recipientDelimiter ?? ''),
    tls: tls && { certificate: dovecotString(tls.certificate), key: dovecotString(tls.key) },
    database: {
      container: dovecotString(peers.database.container),
      port: number(peers.database.port),
      name: dovecotString(database.name),
      role: dovecotString(database.role),
      password: secretMarker(database.passwordSecret, 'dovecot'),
    },
    canary: {
      address: dovecotString(formatAddress(canary)),
      mailbox: trusted<'dovecot'>(canaryMailbox),
      password: secretMarker(canaryPasswordSecret, 'dovecot'),
    },
    saslPort: number(peers.sasl.port),
    imap: protocols.includes('imap')
      ? { port: listener(host, 'imap'), tlsPort: listener(host, 'imaps') }
      : null,
    pop3: protocols.includes('pop3')
      ? { port: listener(host, 'pop3'), tlsPort: listener(host, 'pop3s') }
      : null,
    sieve: protocols.includes('sieve') ? { port: listener(host, 'sieve') } : null,
    lmtpPort: number(peers.lmtp.port),
    messageSize: number(mail.messageSize),
    trashExtra: number(2 * mail.messageSize),
    quotaStatusPort: number(peers.quotaStatus.port),
    spam: system.spam.enabled,
    learning: learns(system, host),
    reinjection: peers.reinjection && {
      container: trusted<'dovecot'>(peers.reinjection.container),
      port: number(peers.reinjection.port),
    },
  };
}

export function mailStoreView(): TemplateViews['dovecot/mail-store.conf'] {
  return { notice: trusted<'dovecot'>(generatedNotice) };
}

export function warningConfigurationView(
  system: MailSystem,
  host: Host,
): TemplateViews['dovecot/quota-warning.conf'] {
  return identity(system, host);
}

export function warningScriptView(system: MailSystem): TemplateViews['dovecot/quota-warning'] {
  return {
    notice: trusted<'shell'>(generatedNotice),
    postmaster: shellWord(formatAddress(system.mail.postmaster)),
  };
}

export function sieveView(): TemplateViews['dovecot/spam.sieve'] {
  return { notice: trusted<'sieve'>(generatedNotice) };
}

/** Of users.lua and users-again.lua. */
export function usersView(): TemplateViews['dovecot/users.lua'] {
  return { notice: trusted<'lua'>(generatedNotice) };
}

export function handOverView(kind: 'spam' | 'ham'): TemplateViews['dovecot/hand-over'] {
  return { notice: trusted<'shell'>(generatedNotice), kind: shellWord(kind) };
}

function identity(system: MailSystem, host: Host) {
  return {
    notice: trusted<'dovecot'>(generatedNotice),
    hostname: dovecotString(host.name),
    postmaster: dovecotString(formatAddress(system.mail.postmaster)),
  };
}

/** Port 0 switches a listener off. */
function listener(host: Host, port: ClientPort): Escaped<'dovecot'> {
  return number(host.ports[port] === null ? 0 : clientPorts[port]);
}

function number(value: number): Escaped<'dovecot'> {
  return trusted<'dovecot'>(String(value));
}
