/** Where mail programs find their servers by themselves (RFC 6186, RFC 8314 section 5.1, RFC 5804). */
import type { PortName } from '../../src/model/mail-system.ts';
import type { DnsAnswer, DnsQuestion, DnsRecord } from './records.ts';

interface ClientService {
  readonly label: string;
  readonly port: PortName;
  /** RFC 6186 section 3.4: the lower, the better. TLS from the first byte before STARTTLS, IMAP before POP3. */
  readonly priority: number;
  /** Whether the domain can say that it does not offer the service (the same section). */
  readonly deniable: boolean;
}

const clientServices: readonly ClientService[] = [
  { label: '_submissions', port: 'submissions', priority: 0, deniable: true },
  { label: '_submission', port: 'submission', priority: 10, deniable: true },
  { label: '_imaps', port: 'imaps', priority: 0, deniable: true },
  { label: '_imap', port: 'imap', priority: 10, deniable: true },
  { label: '_pop3s', port: 'pop3s', priority: 20, deniable: true },
  { label: '_pop3', port: 'pop3', priority: 30, deniable: true },
  { label: '_sieve', port: 'sieve', priority: 0, deniable: false },
];

const offered = 'Where mail programs find their servers by themselves (RFC 6186, RFC 8314, RFC 5804).';
const denied = 'Not offered, and said so: "." as the target (RFC 6186 section 3.4).';

export function clientRecords(question: DnsQuestion): DnsAnswer {
  const records = clientServices.flatMap((service) => recordsOf(service, question));
  return {
    records: [
      ...records.filter(({ reason }) => reason === offered),
      ...records.filter(({ reason }) => reason === denied),
    ],
    notes: [],
  };
}

function recordsOf(service: ClientService, { system, domain }: DnsQuestion): readonly DnsRecord[] {
  const rest = {
    name: `${service.label}._tcp.${domain.name}`,
    ttl: system.dns.ttl,
    source: domain.source,
  };
  const records = system.hosts.flatMap((host) => {
    const port = host.ports[service.port];
    if (port === null) return [];
    const data = { type: 'SRV', priority: service.priority, weight: 1, port, target: host.name } as const;
    return [{ ...rest, data, reason: offered }];
  });
  if (records.length > 0 || !service.deniable) return records;
  const data = { type: 'SRV', priority: 0, weight: 0, port: 0, target: '.' } as const;
  return [{ ...rest, data, reason: denied }];
}
