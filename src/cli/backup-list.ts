/** mailc backup-list: every path and secret that a restore needs, in restore order. */
import { type Command, Option } from 'commander';
import type { BackupItem } from '../render/backup-items.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import type { AddCommand } from './main.ts';

interface Options {
  readonly host?: string;
  readonly format: 'text' | 'json';
}

export const backupListCommand: AddCommand = (program: Command, io: Io, done) => {
  program
    .command('backup-list')
    .description('name every path and secret that a restore needs, in restore order')
    .argument('[file]', 'the source', 'mail.yaml')
    .option('--host <name>', 'only this host of mail.yaml')
    .addOption(new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'))
    .action(async (file: string, options: Options) => done(await backupList(io, file, options)));
};

async function backupList(io: Io, file: string, options: Options): Promise<ExitCode> {
  const { compileSource } = await import('./compile-source.ts');
  const compiled = await compileSource(io, file);
  if (compiled === null) return exitCodes.invalid;
  const hosts = compiled.system.hosts.filter(
    ({ name }) => options.host === undefined || name === options.host,
  );
  if (hosts.length === 0) {
    io.stderr(`error: mail.yaml has no host ${JSON.stringify(options.host)}\n`);
    return exitCodes.usage;
  }
  const { sourceCommit } = await import('./source-commit.ts');
  const { commit, dirty } = await sourceCommit(io, file, compiled.files);
  const source = { files: compiled.files.map(({ path }) => path), commit, dirty };
  const { backupItems } = await import('../render/backup-items.ts');
  const lists = hosts.map((host) => ({ host: host.name, items: backupItems(compiled, host) }));
  if (options.format === 'json') {
    const json = {
      formatVersion: 1,
      source,
      hosts: lists.map(({ host, items }) => ({
        host,
        items: items.map(({ host: _, ...item }, index) => ({ order: index + 1, ...item })),
      })),
    };
    io.stdout(`${JSON.stringify(json, null, 2)}\n`);
    return exitCodes.done;
  }
  const at =
    commit === null ? 'in no commit' : `commit ${commit.slice(0, 12)}${dirty ? ', changed since' : ''}`;
  io.stdout(`First the repository: ${source.files.join(', ')} (${at}). Then, on\n`);
  for (const { host, items } of lists) io.stdout(`\n${host}\n${lines(items)}`);
  io.stdout(
    '\nWhat is in brackets comes back by itself, only later. With all of it in place, "mailc apply" makes the rest.\n',
  );
  return exitCodes.done;
}

function lines(items: readonly BackupItem[]): string {
  const names = items.map(({ path, secret }) => path ?? `(${secret})`);
  const width = Math.min(
    60,
    names.reduce((longest, name) => Math.max(longest, name.length), 0),
  );
  return items
    .map(({ what, required }, index) => {
      const text = required ? what : `[${what}]`;
      return `  ${String(index + 1).padStart(2)}  ${(names[index] ?? '').padEnd(width)}  ${text}\n`;
    })
    .join('');
}
