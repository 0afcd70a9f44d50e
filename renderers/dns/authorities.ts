/** Which certificate authorities may issue for the domain (CAA, RFC 8659). */
import type { DnsAnswer, DnsQuestion } from './records.ts';

export function authorityRecords({ system, domain }: DnsQuestion): DnsAnswer {
  return {
    records: system.dns.caa.map((authority) => ({
      name: domain.name,
      ttl: system.dns.ttl,
      data: { type: 'CAA', flags: 0, tag: 'issue', value: authority },
      reason:
        'Only these authorities may issue certificates for the domain and every name in it, the web site ' +
        'included (CAA, RFC 8659).',
      source: domain.source,
    })),
    notes: [],
  };
}
