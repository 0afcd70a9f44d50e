/** The public key that outgoing mail is verified with (DKIM, RFC 6376). */
import type { DnsAnswer, DnsQuestion } from './records.ts';

export function dkimRecords({ system, domain, publicKey }: DnsQuestion): DnsAnswer {
  if (domain.dkim === null) return { records: [], notes: [] };
  const name = `${domain.dkim.selector}._domainkey.${domain.name}`;
  if (publicKey === null) {
    const signer = system.hosts.find(({ services }) => services.includes('opendkim'));
    const host = signer === undefined || system.hosts.length === 1 ? '' : ` --host ${signer.name}`;
    return {
      records: [],
      notes: [
        `DKIM: the key of ${domain.name} is made on the host at the first apply. After that, ` +
          `"mailc dns ${domain.name} --root /${host}" on the host prints the record of ${name}. Its p=, written as ` +
          'dkim.public_key in mail.yaml, makes the record stand here.',
      ],
    };
  }
  return {
    records: [
      {
        name,
        ttl: system.dns.ttl,
        // RFC 8301 forbids SHA-1.
        data: { type: 'TXT', text: `v=DKIM1; h=sha256; k=rsa; p=${publicKey}` },
        reason: 'The key that signatures of this domain are verified with (DKIM, RFC 6376).',
        source: domain.source,
      },
    ],
    notes: [],
  };
}
