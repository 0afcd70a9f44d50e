/** Which machines may send mail of the domain (SPF, RFC 7208). */
import { mailExchanges } from './mail-exchanges.ts';
import type { DnsAnswer, DnsQuestion } from './records.ts';

export function spfRecords({ system, domain }: DnsQuestion): DnsAnswer {
  const exchanges = mailExchanges(system);
  const mechanisms: string[] = [];
  // By name and not by address: a host that moves is then republished in one place.
  if (exchanges.length > 0) mechanisms.push('mx');
  for (const host of system.hosts) {
    if (host.services.includes('postfix') && !exchanges.includes(host)) mechanisms.push(`a:${host.name}`);
  }
  const notes: string[] = [];
  if (system.relay !== null) {
    const { host, spfInclude } = system.relay;
    mechanisms.push(spfInclude === null ? `a:${host}` : `include:${spfInclude}`);
    if (spfInclude === null) {
      notes.push(
        `Outgoing mail leaves through ${host}, and SPF names only that host itself. If its provider publishes ` +
          'an SPF record to include, write its name as relay.spf_include in mail.yaml.',
      );
    }
  }
  return {
    records: [
      {
        name: domain.name,
        ttl: system.dns.ttl,
        data: { type: 'TXT', text: ['v=spf1', ...mechanisms, '~all'].join(' ') },
        // RFC 7489 section 10.1: with -all some receivers refuse before they have looked at the signature.
        reason:
          'Who may send mail of this domain (SPF, RFC 7208). "~all" and not "-all": what a list or a forwarder ' +
          'sends on is judged by its DKIM signature, and DMARC says what happens to the rest.',
        source: domain.source,
      },
    ],
    notes,
  };
}
