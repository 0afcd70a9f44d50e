/** Which hosts take mail from other servers (RFC 5321 section 5.1). */
import type { Host, MailSystem } from '../../src/model/mail-system.ts';
import type { DnsAnswer, DnsQuestion } from './records.ts';

/** In order of preference. */
export function mailExchanges({ hosts }: MailSystem): readonly Host[] {
  return hosts.filter(({ services, ports }) => services.includes('postfix') && ports.smtp !== null);
}

export function exchangeRecords({ system, domain }: DnsQuestion): DnsAnswer {
  return {
    records: mailExchanges(system).map((host, index) => ({
      name: domain.name,
      ttl: system.dns.ttl,
      data: { type: 'MX', preference: 10 * (index + 1), exchange: host.name },
      reason: 'Where other servers deliver mail for this domain.',
      source: domain.source,
    })),
    notes: [],
  };
}
