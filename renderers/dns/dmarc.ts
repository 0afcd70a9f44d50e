/** What receivers do with mail that neither SPF nor DKIM vouches for, and where they report (RFC 7489). */
import type { Address } from '../../src/model/address.ts';
import type { Domain, MailSystem } from '../../src/model/mail-system.ts';
import type { DnsAnswer, DnsQuestion } from './records.ts';

/** The domains whose reports go to another one, by that. */
export function reportingDomains({ domains }: MailSystem): ReadonlyMap<string, readonly Domain[]> {
  const elsewhere = new Map<string, Domain[]>();
  for (const domain of domains) {
    const receiver = domain.dmarc.reportTo.domain;
    if (receiver === domain.name) continue;
    const senders = elsewhere.get(receiver);
    if (senders === undefined) elsewhere.set(receiver, [domain]);
    else senders.push(domain);
  }
  return elsewhere;
}

export function dmarcRecords({ system, domain, surroundings }: DnsQuestion): DnsAnswer {
  const { policy, reportTo } = domain.dmarc;
  const { ttl } = system.dns;
  const { source } = domain;
  const { hosted, reporting } = surroundings;
  return {
    records: [
      {
        name: `_dmarc.${domain.name}`,
        ttl,
        data: { type: 'TXT', text: `v=DMARC1; p=${policy}; rua=${mailto(reportTo)}` },
        reason: `${reasons[policy]} (DMARC, RFC 7489). Servers report daily what they saw.`,
        source,
      },
      ...(reporting.get(domain.name) ?? []).map((sender) => ({
        name: `${sender.name}._report._dmarc.${domain.name}`,
        ttl,
        data: { type: 'TXT', text: 'v=DMARC1' } as const,
        reason: 'This domain agrees to receive reports about others (RFC 7489 section 7.1).',
        source: sender.source,
      })),
    ],
    notes: hosted.has(reportTo.domain)
      ? []
      : [
          `DMARC reports go to ${reportTo.domain}, which is no domain of mail.yaml. Unless that publishes ` +
            `"v=DMARC1" as TXT of ${domain.name}._report._dmarc.${reportTo.domain}, nobody sends any.`,
        ],
  };
}

const reasons: Readonly<Record<Domain['dmarc']['policy'], string>> = {
  none: 'Mail that neither SPF nor DKIM vouches for is delivered all the same',
  quarantine: 'Mail that neither SPF nor DKIM vouches for is put into the spam folder',
  reject: 'Mail that neither SPF nor DKIM vouches for is refused',
};

/** RFC 6068; RFC 7489 section 6.2 wants "!" and "," encoded as well, which would end the address. */
export function mailto({ localpart, domain }: Address): string {
  return `mailto:${encodeURIComponent(localpart).replaceAll('!', '%21')}@${domain}`;
}
