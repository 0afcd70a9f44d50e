/** mailc status: what a host runs, since when, and what waits for somebody. */
import type { Command } from 'commander';
import type { LiveContainer, LiveUnit } from '../apply/runtime.ts';
import type { HostRecord, HostTarget, Journal } from '../apply/targets.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { addHostOptions, type HostOptions } from './host-options.ts';
import type { Io } from './io.ts';
import type { AddCommand } from './main.ts';

export const statusCommand: AddCommand = (program: Command, io: Io, done) => {
  addHostOptions(
    program
      .command('status')
      .description('show what a host runs, and what waits for somebody')
      .argument('[file]', 'the source', 'mail.yaml'),
  )
    .option('--agent <folder>', 'where mailc pull keeps its state', '/var/lib/mailc/repository')
    .action(async (file: string, options: HostOptions & { readonly agent: string }) =>
      done(await status(io, file, options)),
    );
};

interface HostStatus {
  readonly host: string;
  readonly applied: HostRecord | null;
  /** Of an apply that runs or was cut off. */
  readonly journal: Journal | null;
  readonly containers: readonly (LiveContainer & { readonly asApplied: boolean })[];
  readonly missing: readonly string[];
  readonly units: readonly Pick<LiveUnit, 'name' | 'enabled' | 'active'>[];
}

async function status(
  io: Io,
  file: string,
  options: HostOptions & { readonly agent: string },
): Promise<ExitCode> {
  const { openHostsOf } = await import('./open-hosts-of.ts');
  const { readAgentState } = await import('../targets/agent/agent-state.ts');
  const hosts = await openHostsOf(io, file, options);
  if (hosts === null) return exitCodes.invalid;
  const statuses = await Promise.all(hosts.map(statusOf));
  const agent = readAgentState(options.agent).value;
  if (options.format === 'json') {
    const { asciiJson } = await import('../diagnostics/format/ascii-json.ts');
    const plain = statuses.map(({ applied, ...rest }) => ({
      ...rest,
      applied: applied && { ...applied, containers: undefined },
    }));
    io.stdout(asciiJson({ formatVersion: 1, hosts: plain, agent }));
    return exitCodes.done;
  }
  const { printable } = await import('../diff/format/printable.ts');
  for (const line of statuses.flatMap(linesOf)) io.stdout(`${printable(line, 400)}\n`);
  if (agent?.waiting != null) {
    const { reason, since, command } = agent.waiting;
    io.stdout(`mailc pull waits since ${since}: ${printable(reason, 400)}\n`);
    if (command !== null) io.stdout(`  ${printable(command, 400)}\n`);
  }
  return exitCodes.done;
}

async function statusOf(host: HostTarget): Promise<HostStatus> {
  const applied = host.readRecord();
  const [containers, units] = await Promise.all([
    host.runtime?.readContainers() ?? [],
    host.runtime?.readUnits() ?? [],
  ]);
  const names = new Set(containers.map(({ name }) => name));
  return {
    host: host.name,
    applied,
    journal: host.readJournal(),
    containers: containers.map((container) => ({
      ...container,
      asApplied: applied?.containers[container.name]?.definition === container.definition,
    })),
    missing:
      host.runtime === null ? [] : Object.keys(applied?.containers ?? {}).filter((name) => !names.has(name)),
    units: units.map(({ name, enabled, active }) => ({ name, enabled, active })),
  };
}

function linesOf({ host, applied, journal, containers, missing, units }: HostStatus): readonly string[] {
  const commit = applied?.commit ? `, commit ${applied.commit.slice(0, 12)}` : '';
  return [
    applied === null
      ? `${host}: nothing was applied yet`
      : `${host}: generation ${applied.generation}, applied ${applied.at} by ${applied.who}${commit}`,
    ...(journal === null || Object.keys(journal.pending).length === 0
      ? []
      : [`  an apply of ${journal.at} by ${journal.who} did not come to its end: mailc apply finishes it`]),
    ...containers.map(
      ({ name, running, asApplied }) =>
        `  ${name.padEnd(12)} ${running ? 'running' : 'stopped'}${asApplied ? '' : ', not as applied'}`,
    ),
    ...missing.map((name) => `  ${name.padEnd(12)} missing`),
    ...units.flatMap(unitLine),
  ];
}

/** What there is to say of a unit that is as it should be: nothing. */
function unitLine({
  name,
  enabled,
  active,
}: Pick<LiveUnit, 'name' | 'enabled' | 'active'>): readonly string[] {
  if (!active) return [`  ${name} is not active${enabled ? '' : ' and not enabled'}`];
  // Of the target: all others start by it.
  if (!enabled && name.endsWith('.target')) {
    return [`  ${name} is not enabled: nothing starts with the machine`];
  }
  return [];
}
