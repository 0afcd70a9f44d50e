/** The records that a domain has to publish, as data: zones, JSON and other formats are printed from it. */
import type { Domain, MailSystem } from '../../src/model/mail-system.ts';
import type { Position } from '../../src/model/position.ts';
import { authorityRecords } from './authorities.ts';
import { clientRecords } from './client-services.ts';
import { dkimRecords } from './dkim.ts';
import { dmarcRecords, reportingDomains } from './dmarc.ts';
import { hostRecords } from './hosts.ts';
import { exchangeRecords } from './mail-exchanges.ts';
import { transportRecords } from './mta-sts.ts';
import { spfRecords } from './spf.ts';

/** One resource record of class IN. */
export interface DnsRecord {
  /** Absolute, without the last dot. */
  readonly name: string;
  /** Seconds. */
  readonly ttl: number;
  readonly data: DnsData;
  /** Why it is there, in a sentence or two; neighbours that share a reason belong together. */
  readonly reason: string;
  readonly source: Position;
}

/** Names are absolute, without the last dot; `.` alone is the root. */
export type DnsData =
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'MX'; readonly preference: number; readonly exchange: string }
  | {
      readonly type: 'SRV';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    }
  /** One text, however many character strings it takes on the wire. */
  | { readonly type: 'TXT'; readonly text: string }
  | { readonly type: 'CAA'; readonly flags: number; readonly tag: string; readonly value: string };

/** What one domain publishes. */
export interface DomainDns {
  readonly domain: string;
  readonly source: Position;
  readonly records: readonly DnsRecord[];
  /** What has to be done beside publishing the records, a sentence or two each. */
  readonly notes: readonly string[];
}

/** What the parts of a domain's records are made from. */
export interface DnsQuestion {
  readonly system: MailSystem;
  readonly domain: Domain;
  readonly publicKeys: PublicKeys;
  readonly surroundings: Surroundings;
}

/** What a domain's records need to know of other domains; gathered once for all of them. */
export interface Surroundings {
  readonly hosted: ReadonlySet<string>;
  /** The domains whose DMARC reports go to another one, by that. */
  readonly reporting: ReadonlyMap<string, readonly Domain[]>;
}

/** What one of the parts has to say. */
export type DnsAnswer = Pick<DomainDns, 'records' | 'notes'>;

/** In the order in which a reader wants them. */
const parts: readonly ((question: DnsQuestion) => DnsAnswer)[] = [
  exchangeRecords,
  hostRecords,
  spfRecords,
  dkimRecords,
  dmarcRecords,
  transportRecords,
  clientRecords,
  authorityRecords,
];

/** DKIM public keys (the base64 `p=`) as found on hosts, by name of the secret; they win over those of mail.yaml. */
export type PublicKeys = ReadonlyMap<string, string>;

/** The records of every domain, in the order of `system.domains`. */
export function allDnsRecords(system: MailSystem, publicKeys: PublicKeys): readonly DomainDns[] {
  const surroundings = surroundingsOf(system);
  return system.domains.map((domain) => recordsOf(system, domain, publicKeys, surroundings));
}

function surroundingsOf(system: MailSystem): Surroundings {
  return {
    hosted: new Set(system.domains.map(({ name }) => name)),
    reporting: reportingDomains(system),
  };
}

function recordsOf(
  system: MailSystem,
  domain: Domain,
  publicKeys: PublicKeys,
  surroundings: Surroundings,
): DomainDns {
  const question: DnsQuestion = { system, domain, publicKeys, surroundings };
  const answers = parts.map((part) => part(question));
  return {
    domain: domain.name,
    source: domain.source,
    records: answers.flatMap(({ records }) => records),
    notes: answers.flatMap(({ notes }) => notes),
  };
}
