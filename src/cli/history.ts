/** mailc history: what was applied to a host, the newest first. */
import type { Command } from 'commander';
import type { HostRecord } from '../apply/targets.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { addHostOptions, type HostOptions } from './host-options.ts';
import type { Io } from './io.ts';
import type { AddCommand } from './main.ts';

export const historyCommand: AddCommand = (program: Command, io: Io, done) => {
  addHostOptions(
    program
      .command('history')
      .description('list what was applied to a host: generation, commit, author, result')
      .argument('[file]', 'the source', 'mail.yaml'),
  ).action(async (file: string, options: HostOptions) => done(await history(io, file, options)));
};

async function history(io: Io, file: string, options: HostOptions): Promise<ExitCode> {
  const { openHostsOf } = await import('./open-hosts-of.ts');
  const hosts = await openHostsOf(io, file, options);
  if (hosts === null) return exitCodes.invalid;
  const records = hosts.map((host) => ({ host: host.name, generations: host.readHistory() }));
  if (options.format === 'json') {
    const { asciiJson } = await import('../diagnostics/format/ascii-json.ts');
    const plain = records.map(({ host, generations }) => ({
      host,
      generations: generations.map(({ containers: _, ...record }) => record),
    }));
    io.stdout(asciiJson({ formatVersion: 1, hosts: plain }));
    return exitCodes.done;
  }
  const { printable } = await import('../diff/format/printable.ts');
  for (const { host, generations } of records) {
    if (records.length > 1) io.stdout(`${host}\n`);
    if (generations.length === 0) io.stdout('nothing was applied yet\n');
    for (const record of generations) io.stdout(`${printable(lineOf(record), 400)}\n`);
  }
  return exitCodes.done;
}

function lineOf(record: HostRecord): string {
  const { generation, at, result, seconds, commit, dirty, planId, author, who, summary } = record;
  const { create, update, delete: deletes } = summary;
  const source = commit === null ? 'not from git' : `${commit.slice(0, 12)}${dirty ? ' and more' : ''}`;
  return [
    String(generation).padStart(4),
    at.replace(/\.\d+Z$/, 'Z'),
    result.padEnd(11),
    `${seconds.toFixed(1)} s`.padStart(8),
    `commit ${source}`.padEnd(28),
    `plan ${planId.slice(0, 12)}`,
    `+${create} ~${update} -${deletes}`,
    ...(author === null ? [] : [`by ${author}`]),
    `applied by ${who}`,
  ].join('  ');
}
