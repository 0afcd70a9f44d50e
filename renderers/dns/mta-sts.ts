/** Whether senders must use verified TLS (MTA-STS, RFC 8461), and their reports about it (RFC 8460). */
import type { Domain, MailSystem } from '../../src/model/mail-system.ts';
import { sha256 } from '../../src/render/manifest.ts';
import { mailto } from './dmarc.ts';
import { mailExchanges } from './mail-exchanges.ts';
import type { DnsAnswer, DnsQuestion, DnsRecord } from './records.ts';

/** The policy's lifetime at senders, in seconds: short while it can still be wrong (RFC 8461 section 3.2). */
const maxAge = { enforce: 604_800, testing: 86_400 } as const;

const reasons = {
  enforce: 'Senders deliver over verified TLS or not at all',
  testing: 'Senders report where verified TLS would fail, and deliver all the same',
  none: '',
} as const satisfies Record<Domain['mtaSts'], string>;

/** What https://mta-sts.DOMAIN/.well-known/mta-sts.txt has to say (RFC 8461 section 3.2); null without MTA-STS. */
export function mtaStsPolicy(system: MailSystem, domain: Domain): string | null {
  if (domain.mtaSts === 'none') return null;
  return [
    'version: STSv1',
    `mode: ${domain.mtaSts}`,
    ...mailExchanges(system).map(({ name }) => `mx: ${name}`),
    `max_age: ${maxAge[domain.mtaSts]}`,
    '',
  ].join('\n');
}

export function transportRecords({ system, domain }: DnsQuestion): DnsAnswer {
  const policy = mtaStsPolicy(system, domain);
  const text = (name: string, value: string, reason: string): DnsRecord => ({
    name: `${name}.${domain.name}`,
    ttl: system.dns.ttl,
    data: { type: 'TXT', text: value },
    reason,
    source: domain.source,
  });
  const reports = text(
    '_smtp._tls',
    `v=TLSRPTv1; rua=${mailto(domain.dmarc.reportTo)}`,
    'Servers that could not deliver over TLS report here (TLS-RPT, RFC 8460).',
  );
  if (policy === null) return { records: [reports], notes: [] };
  return {
    records: [
      text(
        '_mta-sts',
        // Senders fetch the policy again when the id changes, so it is made from the policy.
        `v=STSv1; id=${sha256(policy).slice(0, 20)}`,
        `${reasons[domain.mtaSts]} (MTA-STS, RFC 8461). The id changes with the policy.`,
      ),
      reports,
    ],
    notes: [
      `MTA-STS: a web server must answer https://mta-sts.${domain.name}/.well-known/mta-sts.txt with the file ` +
        `${domain.name}.mta-sts.txt that lies beside this one, with a certificate for that name. Change the ` +
        'policy there before the record here.',
    ],
  };
}
