/** The public keys that outgoing mail is verified with (DKIM, RFC 6376): of a rotation, all that take part. */
import { type DkimStage, dkimKeys, type StagedDkimKey } from '../../src/model/dkim-keys.ts';
import type { DnsAnswer, DnsQuestion, DnsRecord } from './records.ts';

export function dkimRecords({ system, domain, publicKeys }: DnsQuestion): DnsAnswer {
  const records: DnsRecord[] = [];
  const notes: string[] = [];
  for (const key of dkimKeys(domain.dkim)) {
    const publicKey = publicKeys.get(key.secret) ?? key.publicKey;
    const name = dkimRecordName(domain.name, key.selector);
    if (publicKey === null) {
      notes.push(whereToFind({ system, domain }, key, name));
      continue;
    }
    records.push({
      name,
      ttl: system.dns.ttl,
      // RFC 8301 forbids SHA-1.
      data: { type: 'TXT', text: `v=DKIM1; h=sha256; k=rsa; p=${publicKey}` },
      reason: reasons[key.stage],
      source: domain.source,
    });
  }
  return { records, notes };
}

const reasons: Readonly<Record<DkimStage, string>> = {
  previous: 'The key that signed before: mail on its way is still verified with it.',
  signing: 'The key that signatures of this domain are verified with (DKIM, RFC 6376).',
  next: 'The key that is to sign next: it must be found in DNS before it does.',
};

/** RFC 6376 section 3.6.2.1. */
export function dkimRecordName(domain: string, selector: string): string {
  return `${selector}._domainkey.${domain}`;
}

function whereToFind(
  { system, domain }: Pick<DnsQuestion, 'system' | 'domain'>,
  key: StagedDkimKey,
  name: string,
): string {
  const signer = system.hosts.find(({ services }) => services.includes('opendkim'));
  const host = signer === undefined || system.hosts.length === 1 ? '' : ` --host ${signer.name}`;
  const made = {
    previous: `the key ${key.selector} of ${domain.name} is on the host. There,`,
    signing: `the key of ${domain.name} is made on the host at the first apply. After that,`,
    next: `the key ${key.selector} of ${domain.name} is made on the host at the next apply. After that,`,
  }[key.stage];
  const there = key.stage === 'previous' ? '' : ' on the host';
  return (
    `DKIM: ${made} "mailc dns ${domain.name} --root /${host}"${there} prints the record of ${name}. Its p=, ` +
    `written as dkim.public_keys.${key.selector} in mail.yaml, makes the record stand here.`
  );
}
