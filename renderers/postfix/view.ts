/** What Postfix's files are made of: the mail system as one host sees it, escaped, in a fixed order. */
import { formatAddress } from '../../src/model/address.ts';
import { canary, canaryDetours, canaryDomain } from '../../src/model/canary.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Dnsbl, Host, MailSystem, PostscreenSettings, Relay } from '../../src/model/mail-system.ts';
import {
  postfixPattern,
  postfixTableText,
  postfixValue,
  postfixWord,
} from '../../src/render/escape/postfix.ts';
import { type Escaped, trusted } from '../../src/render/escaped.ts';
import { configurationFolder, generatedNotice } from '../../src/render/host-layout.ts';
import { tlsFiles } from '../../src/render/tls-files.ts';
import { containerName } from '../../src/resolve/endpoints.ts';

type Word = Escaped<'postfix'>;

/** The notice at the head of each file. */
export const notice: Word = trusted<'postfix'>(generatedNotice);

/** Spelt out: postconf(1) takes $config_directory for /etc/postfix, whatever it is told. */
const folder = postfixWord(configurationFolder);

/** Whom this host's Postfix talks to. */
export interface Peers {
  readonly database: Endpoint;
  readonly lmtp: Endpoint;
  /** Null where nothing is filtered. */
  readonly amavis: Endpoint | null;
  readonly milter: Endpoint | null;
  /** Null where nothing is scanned for viruses. */
  readonly virusMilter: Endpoint | null;
  readonly quotaStatus: Endpoint | null;
  /** Null leaves submission out: nobody could log in, or not safely. */
  readonly sasl: Endpoint | null;
}

/** Null when the host runs no Postfix, or one that could neither look up a domain nor deliver. */
export function peersOf(system: MailSystem, host: Host): Peers | null {
  const endpoints = system.endpoints[host.name];
  if (!host.services.includes('postfix') || endpoints === undefined) return null;
  const { database, lmtp, amavis, milter, sasl } = endpoints;
  if (database === null || lmtp === null) return null;
  return {
    database,
    lmtp,
    amavis: system.spam.enabled || system.virus.enabled ? amavis : null,
    milter,
    virusMilter: system.virus.enabled ? endpoints['virus-milter'] : null,
    quotaStatus: endpoints['quota-status'],
    sasl: host.tls === null ? null : sasl,
  };
}

export function mainView(system: MailSystem, host: Host, peers: Peers) {
  const { mail, network, postscreen } = system;
  const tls = host.tls && tlsFiles(host.tls);
  return {
    notice,
    folder,
    hostname: postfixWord(host.name),
    protocols: postfixWord(network.subnet6 === null ? 'ipv4' : 'all'),
    recipientDelimiter: postfixValue(mail.recipientDelimiter ?? ''),
    aliasDomain: system.domains.some(({ name }) => name === host.name) ? null : postfixWord(host.name),
    lmtp: endpoint(peers.lmtp),
    filter: peers.amavis !== null,
    messageSize: number(mail.messageSize),
    refuseDisabledUsers: mail.disabledUsers === 'refuse',
    quota: quotaCheck(system, peers),
    sasl: peers.sasl && endpoint(peers.sasl),
    virusMilter: peers.virusMilter && endpoint(peers.virusMilter),
    milter: peers.milter && endpoint(peers.milter),
    tls: tls && { certificate: postfixWord(tls.certificate), key: postfixWord(tls.key) },
    relay: system.relay && {
      ...relayHost(system.relay),
      wrappermode: postfixWord(system.relay.implicitTls ? 'yes' : 'no'),
    },
    relayPassword: system.relay?.passwordSecret != null,
    postscreen: postscreen.enabled ? postscreenView(postscreen) : null,
    canary: canaryView(peers),
  };
}

export function masterView(system: MailSystem, host: Host, peers: Peers) {
  return {
    notice,
    folder,
    postscreen: system.postscreen.enabled,
    filter: peers.amavis && endpoint(peers.amavis),
    virusMilter: peers.virusMilter !== null,
    submission: peers.sasl !== null,
    reinjectionPort: number(system.endpoints[host.name]?.reinjection?.port ?? 10025),
    relay: system.relay && relayHost(system.relay),
  };
}

/** Null where no user has a quota: nobody's mailbox can be full then, and the question costs each message time. */
function quotaCheck({ users }: MailSystem, { quotaStatus }: Peers) {
  return users.some(({ quota }) => quota !== null) ? quotaStatus && endpoint(quotaStatus) : null;
}

/** The account that probes write to. */
function canaryView(peers: Peers) {
  return {
    domain: postfixWord(canaryDomain),
    address: postfixWord(formatAddress(canary)),
    byFilter: postfixWord(formatAddress(canaryDetours.filter)),
    bySrs: postfixWord(formatAddress(canaryDetours.out)),
    filter: peers.amavis && endpoint(peers.amavis),
  };
}

export function systemAliasesView(system: MailSystem, host: Host) {
  const destination = postfixTableText(formatAddress(system.mail.postmaster));
  const localparts = ['abuse', 'mailer-daemon', 'postmaster', 'root'];
  return {
    notice,
    aliases: localparts.map((localpart) => ({
      address: postfixWord(`${localpart}@${host.name}`),
      destination,
    })),
  };
}

export function ownSendersView(host: Host) {
  return { notice, hostname: postfixPattern(host.name) };
}

export function srsView(system: MailSystem) {
  return { notice, domain: postfixPattern(system.mail.srsDomain) };
}

/** Docker names a client `CONTAINER.NETWORK`. */
export function sieveClientsView(system: MailSystem) {
  const names = system.hosts
    .filter((host) => host.services.includes('dovecot'))
    .map((host) => `${containerName('dovecot', host, system.hosts)}.${system.network.name}`);
  return { notice, names: names.sort().map(postfixPattern) };
}

export function mailNetworkView({ network }: MailSystem) {
  const subnets = network.subnet6 === null ? [network.subnet4] : [network.subnet4, network.subnet6];
  return { notice, subnets: subnets.map(postfixWord) };
}

export function missingContainerView(peers: Peers) {
  const containers = [peers.lmtp, ...(peers.amavis === null ? [] : [peers.amavis])];
  return { notice, containers: containers.map(({ container }) => postfixPattern(container)) };
}

/** What mail inside passes on its way: while one of these is away it waits. */
export function neighboursView(system: MailSystem, host: Host, peers: Peers) {
  const clamd = system.virus.enabled && peers.amavis !== null ? system.endpoints[host.name]?.clamd : null;
  const passed = [peers.amavis, clamd, peers.lmtp, peers.database].filter((one) => one != null);
  return { notice, neighbours: passed.map(endpoint) };
}

export function pgsqlTableView(system: MailSystem, peers: Peers, purpose: string, query: string) {
  return {
    notice,
    purpose: trusted<'postfix'>(purpose),
    query: trusted<'postfix'>(query),
    host: postfixWord(peers.database.container),
    port: number(peers.database.port),
    role: postfixWord(system.database.role),
    database: postfixWord(system.database.name),
  };
}

export function relayHost(relay: Relay) {
  return { host: postfixWord(relay.host), port: number(relay.port) };
}

function postscreenView(postscreen: PostscreenSettings) {
  return {
    greetWait: number(postscreen.greetWait),
    deepTests: postscreen.deepTests,
    dnsbl: postscreen.dnsbl.map(dnsblSite),
    threshold: number(postscreen.threshold),
    allowlists: postscreen.dnsbl.some(({ weight }) => weight < 0),
  };
}

/** postconf(5), postscreen_dnsbl_sites: `domain=reply*weight`. */
function dnsblSite({ domain, reply, weight }: Dnsbl): Word {
  return postfixWord(`${domain}${reply === null ? '' : `=${reply}`}*${weight}`);
}

function endpoint({ container, port }: Endpoint) {
  return { container: postfixWord(container), port: number(port) };
}

function number(value: number): Word {
  return postfixWord(String(value));
}
