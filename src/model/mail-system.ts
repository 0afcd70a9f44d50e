/**
 * The complete mail system: every default filled in, every address normalised, every list sorted, nothing
 * optional. `resolve` makes it, `check` judges it, the renderers read it.
 */
import type { Address } from './address.ts';
import type { Endpoints } from './endpoint.ts';
import type { Position } from './position.ts';
import type { SecretDefinition } from './secret.ts';

export interface MailSystem {
  /** Sorted by name. */
  readonly hosts: readonly Host[];
  /** Sorted by name; alias domains among them. */
  readonly domains: readonly Domain[];
  /** Sorted by domain, then localpart. */
  readonly users: readonly User[];
  /** Sorted by domain, then localpart; the generated postmaster@ and abuse@ among them. */
  readonly aliases: readonly Alias[];
  readonly mail: MailSettings;
  readonly postscreen: PostscreenSettings;
  readonly spam: SpamSettings;
  readonly virus: VirusSettings;
  readonly relay: Relay | null;
  readonly network: NetworkSettings;
  readonly database: DatabaseSettings;
  readonly dns: DnsSettings;
  readonly guards: GuardSettings;
  readonly images: ImageSettings;
  /** Who reaches whom, decided once. */
  readonly endpoints: Endpoints;
  /** Every secret that any artifact refers to, sorted by name. */
  readonly secrets: readonly SecretDefinition[];
  /** Codes of the checks that mail.yaml switches off. */
  readonly disabledChecks: readonly string[];
}

export const serviceNames = ['amavis', 'clamav', 'dovecot', 'opendkim', 'postfix', 'postgres'] as const;
/** One daemon of the system. */
export type ServiceName = (typeof serviceNames)[number];

export const portNames = [
  'imap',
  'imaps',
  'pop3',
  'pop3s',
  'sieve',
  'smtp',
  'submission',
  'submissions',
] as const;
/** A port that clients reach from outside. */
export type PortName = (typeof portNames)[number];

/** A machine that runs containers. */
export interface Host {
  /** FQDN: the containers' hostname, the HELO name and the name in the certificate. */
  readonly name: string;
  /** Public addresses, IPv4 before IPv6, each in its shortest text form (RFC 5952). */
  readonly addresses: readonly string[];
  /** Sorted. */
  readonly services: readonly ServiceName[];
  /** Null when no service of this host speaks TLS to clients. */
  readonly tls: Tls | null;
  /** Absolute path below which all volumes live. */
  readonly data: string;
  readonly supervisor: 'systemd' | 'docker';
  /** Published port numbers, only those whose service runs here; null where not published. */
  readonly ports: Readonly<Record<PortName, number | null>>;
  readonly source: Position;
}

/** Paths on the host. */
export interface Tls {
  readonly certificate: string;
  readonly key: string;
}

export interface Domain {
  /** Lower-case ASCII (A-labels). */
  readonly name: string;
  /** The domain whose users and aliases this one shares, or null. */
  readonly aliasOf: string | null;
  readonly dkim: Dkim | null;
  /** Where mail to unknown localparts goes; empty when it is refused. Always empty for an alias domain. */
  readonly catchAll: readonly Address[];
  readonly dmarc: Dmarc;
  readonly mtaSts: 'enforce' | 'testing' | 'none';
  readonly source: Position;
}

/** The key that signs, and those of a rotation that is under way. */
export interface Dkim extends DkimKey {
  /** Published and not used yet. */
  readonly next: DkimKey | null;
  /** Signed before; still published for mail that is on its way. */
  readonly previous: DkimKey | null;
}

export interface DkimKey {
  /** RFC 6376 section 3.1. */
  readonly selector: string;
  /** The base64 `p=` value when mail.yaml gives it; else null: known only on the host. */
  readonly publicKey: string | null;
  /** Name of the secret that is the private key. */
  readonly secret: string;
}

/** RFC 7489. */
export interface Dmarc {
  readonly policy: 'none' | 'quarantine' | 'reject';
  /** Receives aggregate reports. */
  readonly reportTo: Address;
}

/** A login that stores mail. */
export interface User {
  readonly address: Address;
  /** With its scheme, as Dovecot reads it: `{SHA512-CRYPT}$6$…`. Stands in the rows and nowhere else. */
  readonly passwordHash: string;
  /** Bytes; null is without limit. */
  readonly quota: number | null;
  /** False: no login. Whether mail is accepted then, `mail.disabledUsers` says. */
  readonly enabled: boolean;
  /**
   * What mail.yaml lists under `send_as`, sorted. The own address, each alias whose only destination is this
   * user, and the same localparts in alias domains may be sent as without being listed.
   */
  readonly sendAs: readonly Address[];
  /** The address whose mailbox this user takes over, or null. */
  readonly movedFrom: Address | null;
  readonly source: Position;
}

/** An address with destinations and no storage. */
export interface Alias {
  readonly address: Address;
  /** As written, so possibly aliases themselves; sorted, without duplicates, never empty. */
  readonly destinations: readonly Destination[];
  /** `generated`: postmaster@ or abuse@ of a domain that does not define it. */
  readonly origin: 'written' | 'generated';
  readonly source: Position;
}

export interface Destination {
  readonly address: Address;
  readonly kind: 'user' | 'alias' | 'catch-all' | 'external';
}

export interface MailSettings {
  /** One character that splits `user+detail@`; null for none. Postfix, Dovecot and Sieve agree on it. */
  readonly recipientDelimiter: string | null;
  /** Bytes. */
  readonly messageSize: number;
  readonly disabledUsers: 'accept' | 'refuse';
  /** The domain of rewritten envelope senders (SRS). */
  readonly srsDomain: string;
  /** Where mail for postmaster@ goes that is about the system itself. */
  readonly postmaster: Address;
}

/** Robot tests before port 25: postscreen(8). */
export interface PostscreenSettings {
  readonly enabled: boolean;
  /** Seconds. */
  readonly greetWait: number;
  /** The tests after the 220 greeting, which make the first contact of every client retry. */
  readonly deepTests: boolean;
  readonly dnsbl: readonly Dnsbl[];
  /** Sum of weights from which a client is refused. */
  readonly threshold: number;
}

export interface Dnsbl {
  readonly domain: string;
  /** postscreen's reply filter, such as `127.0.0.[2..11]`; null takes any reply. */
  readonly reply: string | null;
  /** Negative for an allow list. */
  readonly weight: number;
}

export interface SpamSettings {
  readonly enabled: boolean;
  /** SpamAssassin scores. */
  readonly tagLevel: number;
  /** From here on a message is filed into Junk. */
  readonly junkLevel: number;
  /** From here on a message is refused or quarantined; null: never. */
  readonly discardLevel: number | null;
  readonly pyzor: boolean;
  readonly razor: boolean;
  readonly bayes: boolean;
  /** Local time of the daily learning run, `HH:MM`. */
  readonly learnAt: string;
}

export interface VirusSettings {
  readonly enabled: boolean;
}

/** A smarthost that all outgoing mail goes through. */
export interface Relay {
  readonly host: string;
  readonly port: number;
  /** Wrapper-mode TLS (RFC 8314) instead of STARTTLS. */
  readonly implicitTls: boolean;
  readonly username: string | null;
  /** Name of the secret that is the password; null exactly when `username` is. */
  readonly passwordSecret: string | null;
  /** Domain whose SPF record lists the smarthost's addresses (RFC 7208 section 5.2); null when not known. */
  readonly spfInclude: string | null;
}

export interface NetworkSettings {
  /** The Docker network that the containers share. */
  readonly name: string;
  /** CIDR. */
  readonly subnet4: string;
  /** CIDR; null leaves IPv6 off inside. */
  readonly subnet6: string | null;
}

export interface DatabaseSettings {
  readonly name: string;
  /** The role that Postfix and Dovecot log in as: SELECT only. */
  readonly role: string;
  readonly passwordSecret: string;
  readonly superuserPasswordSecret: string;
}

export interface DnsSettings {
  /** Seconds. */
  readonly ttl: number;
  /** Domains of certificate authorities for CAA (RFC 8659). */
  readonly caa: readonly string[];
}

export interface GuardSettings {
  /** Share of a kind (users, aliases, domains), 0 to 1, from which deletes need `deletes-many`. */
  readonly deleteShare: number;
}

/** Full image references. */
export type ImageSettings = Readonly<Record<ServiceName, string>>;
