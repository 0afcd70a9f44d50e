/** Asks live DNS, as other mail servers do: over the network, past /etc/hosts. */
import { Resolver } from 'node:dns/promises';
import type { DnsData } from '../../renderers/dns/records.ts';
import { error } from '../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../diagnostics/diagnostic-error.ts';
import { quote } from '../diagnostics/quote.ts';

export type DnsFound =
  /** Empty where the name does not exist, or has no record of the type. */
  | { readonly status: 'answered'; readonly data: readonly DnsData[] }
  | { readonly status: 'unanswered'; readonly why: string };

/** `name` is absolute, without the last dot. Never throws for what a server answers, or does not. */
export type AskDns = (name: string, type: DnsData['type']) => Promise<DnsFound>;

/**
 * `resolver` is a server to ask: an IP address, with its port if that is not 53. Null asks those of the machine
 * (resolv.conf(5)). Throws DiagnosticError for what is no address.
 */
export function openDns(resolver: string | null): AskDns {
  // Two tries of two seconds: a plan waits for it, and says so when nobody answers.
  const client = new Resolver({ timeout: 2_000, tries: 2 });
  if (resolver !== null) useServer(client, resolver);
  return async (name, type) => {
    try {
      return { status: 'answered', data: await lookUp(client, name, type) };
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'ENODATA' || code === 'ENOTFOUND') return { status: 'answered', data: [] };
      return { status: 'unanswered', why: reasons[code ?? ''] ?? String(code) };
    }
  };
}

function useServer(client: Resolver, resolver: string): void {
  try {
    client.setServers([resolver]);
  } catch {
    const hint = 'write an IP address, with a port if it is not 53: 192.0.2.53, [2001:db8::53]:5353';
    throw new DiagnosticError(
      error('resolver-invalid', null, `${quote(resolver)} is no address of a DNS server`, { hint }),
    );
  }
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the resolver refuses connections',
  EREFUSED: 'the resolver refuses to answer',
  ESERVFAIL: 'the servers of the domain do not answer',
  ETIMEOUT: 'the resolver does not answer',
};

async function lookUp(client: Resolver, name: string, type: DnsData['type']): Promise<readonly DnsData[]> {
  switch (type) {
    case 'A':
      return (await client.resolve4(name)).map((address) => ({ type, address }));
    case 'AAAA':
      return (await client.resolve6(name)).map((address) => ({ type, address }));
    case 'MX':
      return (await client.resolveMx(name)).map(({ priority, exchange }) => ({
        type,
        preference: priority,
        exchange: absolute(exchange),
      }));
    case 'SRV':
      return (await client.resolveSrv(name)).map(({ priority, weight, port, name: target }) => ({
        type,
        priority,
        weight,
        port,
        target: absolute(target),
      }));
    case 'TXT':
      return (await client.resolveTxt(name)).map((texts) => ({ type, text: texts.join('') }));
    case 'CAA':
      return (await client.resolveCaa(name)).flatMap(({ critical, ...tags }) =>
        Object.entries(tags).map(([tag, value]) => ({ type, flags: critical, tag, value: String(value) })),
      );
  }
}

/** Without the last dot; the root, which offers nothing, is `.` alone. */
function absolute(name: string): string {
  return name === '' || name === '.' ? '.' : name.replace(/\.$/, '').toLowerCase();
}
