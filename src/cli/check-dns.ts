/** mailc dns --check: what live DNS answers, held against what mail.yaml asks for. */
import {
  compareRecords,
  printData,
  type RecordSet,
  recordSets,
  relevant,
} from '../../renderers/dns/compare.ts';
import type { DnsData, DomainDns } from '../../renderers/dns/records.ts';
import { printable } from '../diff/format/printable.ts';
import { type AskDns, openDns } from '../targets/dns.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Io, Style } from './io.ts';

type Status = 'ok' | 'missing' | 'differs' | 'unanswered';

/** One set of records: everything that answers one question about one name. */
interface Check {
  readonly domain: string;
  readonly name: string;
  readonly type: DnsData['type'];
  readonly status: Status;
  readonly wanted: readonly string[];
  readonly found: readonly string[];
  /** Why nobody answered; null where somebody did. */
  readonly why: string | null;
}

export interface CheckOptions {
  readonly resolver: string | null;
  readonly format: 'text' | 'json';
}

/** Exit code 2 where something is missing or differs, 1 where that is not known, since nobody answered. */
export async function checkDns(
  io: Io,
  domains: readonly DomainDns[],
  { resolver, format }: CheckOptions,
): Promise<ExitCode> {
  const ask = openDns(resolver);
  const checks: Check[] = [];
  for (const { domain, records } of domains) {
    // One domain at a time: a hundred of them must not look like an attack.
    checks.push(...(await Promise.all(recordSets(records).map((set) => check(domain, set, ask)))));
  }
  if (format === 'json') io.stdout(`${JSON.stringify({ formatVersion: 1, checks }, null, 2)}\n`);
  else io.stdout(text(io, checks));
  if (checks.some(({ status }) => status === 'missing' || status === 'differs')) return exitCodes.pending;
  return checks.some(({ status }) => status === 'unanswered') ? exitCodes.usage : exitCodes.done;
}

async function check(domain: string, set: RecordSet, ask: AskDns): Promise<Check> {
  const { name, type } = set;
  const about = { domain, name, type, wanted: set.wanted.map(printData) };
  const answer = await ask(name, type);
  if (answer.status === 'unanswered') return { ...about, status: 'unanswered', found: [], why: answer.why };
  const found = relevant(set, answer.data);
  const status = { same: 'ok', missing: 'missing', different: 'differs' } as const;
  return { ...about, status: status[compareRecords(set, found)], found: found.map(printData), why: null };
}

const looks: Readonly<Record<Status, Style>> = {
  ok: 'green',
  missing: 'red',
  differs: 'red',
  unanswered: 'yellow',
};

function text(io: Io, checks: readonly Check[]): string {
  const paint = io.paint('stdout');
  const lines = checks.map((one) => {
    const { name, type, status } = one;
    return `${paint(looks[status], status.padEnd(10))} ${name} ${type}${details(one)}\n`;
  });
  const right = checks.filter(({ status }) => status === 'ok').length;
  return `${lines.join('')}${right} of ${checks.length} as mail.yaml wants them\n`;
}

/** DNS may answer anything, so nothing of it reaches a terminal as it is. */
function details({ status, wanted, found, why }: Check): string {
  const list = (values: readonly string[]): string => values.map((value) => printable(value, 160)).join(', ');
  switch (status) {
    case 'ok':
      return '';
    case 'missing':
      return `: wanted ${list(wanted)}`;
    case 'differs':
      return `: wanted ${list(wanted)}; found ${list(found)}`;
    case 'unanswered':
      return `: ${why}`;
  }
}
