/** How far the change of a DKIM key has come: what DNS has of the new one, and what to write next. */
import { compareRecords, recordSets, relevant } from '../../renderers/dns/compare.ts';
import { dkimRecordName } from '../../renderers/dns/dkim.ts';
import { allDnsRecords } from '../../renderers/dns/records.ts';
import type { HostTarget } from '../apply/targets.ts';
import { printable } from '../diff/format/printable.ts';
import type { Publication } from '../diff/key-hazards.ts';
import type { Dkim, Domain, MailSystem } from '../model/mail-system.ts';
import { type AskDns, openDns } from '../targets/dns.ts';
import { dkimPublicKeys } from '../targets/host/dkim-public-keys.ts';

export interface DkimRotation {
  /** By record name: the keys that are to sign, now or next, of the domains that were asked for. */
  readonly published: ReadonlyMap<string, Publication>;
  /** What to do next, a sentence for each domain. */
  readonly stages: readonly string[];
}

/** Asks DNS for `domains` alone: those whose selector changes, or that have a `next` or `previous` key. */
export async function dkimRotation(
  system: MailSystem,
  hosts: readonly Pick<HostTarget, 'readSecrets'>[],
  domains: ReadonlySet<string>,
  resolver: string | null,
): Promise<DkimRotation> {
  const rotating = system.domains.flatMap((domain) =>
    domain.dkim !== null && domains.has(domain.name) ? [{ ...domain, dkim: domain.dkim }] : [],
  );
  const ask = openDns(resolver);
  const keys = dkimPublicKeys(system, hosts);
  const asked = await Promise.all(
    rotating.flatMap((domain) =>
      [domain.dkim, domain.dkim.next].flatMap((key) =>
        key === null ? [] : [publicationOf(system, domain, key, keys.get(key.secret), ask)],
      ),
    ),
  );
  const published = new Map(asked);
  return { published, stages: rotating.flatMap((domain) => stageOf(domain, published)) };
}

async function publicationOf(
  system: MailSystem,
  domain: Domain,
  { selector, secret }: Pick<Dkim, 'selector' | 'secret'>,
  publicKey: string | undefined,
  ask: AskDns,
): Promise<readonly [string, Publication]> {
  const name = dkimRecordName(domain.name, selector);
  if (publicKey === undefined) return [name, { status: 'unmade' }];
  const records = allDnsRecords({ ...system, domains: [domain] }, new Map([[secret, publicKey]])).flatMap(
    (one) => one.records.filter((record) => record.name === name),
  );
  const [set] = recordSets(records);
  const found = await ask(name, 'TXT');
  if (set === undefined) throw new Error(`there is no record ${name}`);
  if (found.status === 'unanswered') return [name, found];
  const status = { same: 'published', missing: 'absent', different: 'different' } as const;
  return [name, { status: status[compareRecords(set, relevant(set, found.data))] }];
}

type RotatingDomain = Pick<Domain, 'name'> & { readonly dkim: Dkim };

/** One sentence, with what to write in mail.yaml once it is time for it. */
function stageOf(
  { name, dkim }: RotatingDomain,
  published: ReadonlyMap<string, Publication>,
): readonly string[] {
  const { selector, next, previous } = dkim;
  if (next !== null) return [`${name}: ${nextStage(name, selector, next.selector, published)}`];
  if (previous === null) return [];
  const after = `after a week, remove "previous: ${previous.selector}" and its record`;
  return [
    `${name}: ${selector} signs, and ${previous.selector} stays published for mail on its way; next: ${after}`,
  ];
}

function nextStage(
  domain: string,
  selector: string,
  next: string,
  published: ReadonlyMap<string, Publication>,
): string {
  const name = dkimRecordName(domain, next);
  const publication = published.get(name) ?? { status: 'unmade' };
  const publish = `publish the record that "mailc dns ${domain} --root /" prints on the host`;
  switch (publication.status) {
    case 'unmade':
      return `apply makes the key ${next}; next: ${publish}`;
    case 'absent':
      return `${next} is not published yet; next: ${publish}`;
    case 'different':
      return `${name} is in DNS with another key than the host's; next: ${publish}`;
    case 'unanswered':
      return `whether ${next} is published is not known: ${printable(publication.why)}`;
    case 'published':
      return (
        `${next} is published; next: make it the selector and ${selector} the previous one: ` +
        `dkim: { selector: ${next}, previous: ${selector} }`
      );
  }
}
