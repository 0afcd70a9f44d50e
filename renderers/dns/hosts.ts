/** Addresses of the hosts whose names lie in the domain, and who may say HELO with those names. */
import type { Host } from '../../src/model/mail-system.ts';
import type { DnsAnswer, DnsQuestion, DnsRecord } from './records.ts';

export function hostRecords(question: DnsQuestion): DnsAnswer {
  const { system, domain } = question;
  const here = system.hosts.filter((host) => isInZone(host, question));
  const records = here.flatMap((host) => [
    ...addressRecords(host, system.dns.ttl),
    ...(host.name === domain.name || !host.services.includes('postfix')
      ? []
      : [heloRecord(host, system.dns.ttl)]),
  ]);
  const notes = here
    .filter(({ services }) => services.includes('postfix'))
    .map(
      ({ name, addresses }) =>
        `Reverse DNS: ${addresses.join(' and ')} must resolve to ${name}, or many servers refuse its mail. ` +
        'Whoever gave out the address can set that.',
    );
  return { records, notes };
}

/** In this domain, and not in a hosted domain below it, which has a file of its own. */
function isInZone(host: Host, { system, domain }: DnsQuestion): boolean {
  if (host.name === domain.name) return true;
  if (!host.name.endsWith(`.${domain.name}`)) return false;
  return !system.domains.some(
    ({ name }) => name.endsWith(`.${domain.name}`) && (host.name === name || host.name.endsWith(`.${name}`)),
  );
}

function addressRecords(host: Host, ttl: number): readonly DnsRecord[] {
  return host.addresses.map((address) => ({
    name: host.name,
    ttl,
    data: { type: address.includes(':') ? 'AAAA' : 'A', address },
    reason: `The host ${host.name}: the name in its certificate and its greeting.`,
    source: host.source,
  }));
}

/** RFC 7208 section 2.3: the HELO name is checked too, and of a bounce nothing else can be. */
function heloRecord(host: Host, ttl: number): DnsRecord {
  return {
    name: host.name,
    ttl,
    data: { type: 'TXT', text: 'v=spf1 a -all' },
    reason: 'Bounces have no sender; servers check the name in the greeting instead (SPF, RFC 7208).',
    source: host.source,
  };
}
