/** mailc rollback: an earlier generation as a plan like any other, hazards included. */
import { type Command, InvalidArgumentError } from 'commander';
import type { HostRecord, HostTarget } from '../apply/targets.ts';
import { type ApplyOptions, addApplyOptions } from './apply.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import type { AddCommand } from './main.ts';

interface Options extends ApplyOptions {
  /** mail.yaml of today, which says where the host's files are. */
  readonly source: string;
}

export const rollbackCommand: AddCommand = (program: Command, io: Io, done) => {
  addApplyOptions(
    program
      .command('rollback')
      .description('return to an earlier generation of a host, as mailc history lists them')
      .argument('[generation]', 'its number (default: the one before the last)', toGeneration),
  )
    .option('--source <file>', 'mail.yaml of today', 'mail.yaml')
    .action(async (generation: number | undefined, options: Options) =>
      done(await rollback(io, generation ?? null, options)),
    );
};

async function rollback(io: Io, generation: number | null, options: Options): Promise<ExitCode> {
  const { openHostsOf } = await import('./open-hosts-of.ts');
  const { root = '/', source } = options;
  const hosts = await openHostsOf(io, source, { ...options, root });
  if (hosts === null) return exitCodes.invalid;
  const [host, ...others] = hosts;
  if (host === undefined || others.length > 0) {
    io.stderr('error: each host has generations of its own: say which with --host\n');
    return exitCodes.usage;
  }
  const record = chosen(host.readHistory(), generation);
  const files = record === null ? null : host.readSource(record.generation);
  if (record === null || files === null) {
    io.stderr(`error: ${host.name} has no such generation: mailc history lists those that it has\n`);
    return exitCodes.usage;
  }
  io.stderr(`Back to generation ${record.generation}, applied ${record.at}${commitOf(record)}.\n`);
  return applyRecorded(io, host, record, { ...options, root, host: host.name });
}

async function applyRecorded(
  io: Io,
  host: HostTarget,
  record: HostRecord,
  options: Options & { readonly root: string },
): Promise<ExitCode> {
  const { applySource } = await import('./apply-plan.ts');
  const { compile } = await import('../compile.ts');
  const { printDiagnostics } = await import('./print-diagnostics.ts');
  const files = host.readSource(record.generation) ?? [];
  const { commit, dirty } = record;
  return applySource(io, options.source, options, null, async () => {
    const { value, diagnostics } = await compile(files);
    printDiagnostics(io, diagnostics, files);
    return value === null ? null : { ...value, files, at: { commit, dirty } };
  });
}

/** Without a number, the last one that came to its end before the one that runs. */
function chosen(history: readonly HostRecord[], generation: number | null): HostRecord | null {
  if (generation !== null) return history.find((record) => record.generation === generation) ?? null;
  return history.filter(({ result }) => result === 'done')[1] ?? null;
}

function commitOf({ commit }: HostRecord): string {
  return commit === null ? '' : ` from commit ${commit.slice(0, 12)}`;
}

function toGeneration(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text))
    throw new InvalidArgumentError('It must be the number of a generation.');
  return Number(text);
}
