/** mailc validate: says whether mail.yaml is right, to a person, a pull request or a program. */
import { type Command, Option } from 'commander';
import { analyse } from '../compile.ts';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import type { MailSystem } from '../model/mail-system.ts';
import type { SourceFile } from '../model/source-document.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import type { AddCommand } from './main.ts';
import { printDiagnostics } from './print-diagnostics.ts';
import { folderOf, readSource } from './read-source.ts';

interface Options {
  readonly format: 'text' | 'json' | 'github' | 'sarif';
  readonly strict?: true;
}

export const validateCommand: AddCommand = (program: Command, io: Io, done) => {
  program
    .command('validate')
    .description('check mail.yaml and everything it includes')
    .argument('[file]', 'the source', 'mail.yaml')
    .addOption(
      new Option('--format <format>', 'how to print')
        .choices(['text', 'json', 'github', 'sarif'])
        .default('text'),
    )
    .option('--strict', 'treat warnings as errors')
    .action(async (file: string, options: Options) => done(await validate(io, file, options)));
};

async function validate(io: Io, file: string, options: Options): Promise<ExitCode> {
  const read = await readSource(io, file);
  const files = read.value ?? [];
  const analysed = read.value === null ? { value: null, diagnostics: [] } : analyse(files);
  const diagnostics = [...read.diagnostics, ...analysed.diagnostics];
  await print(io, options.format, diagnostics, read.shown, analysed.value, file);
  return hasErrors(diagnostics) || (options.strict && diagnostics.length > 0)
    ? exitCodes.invalid
    : exitCodes.done;
}

async function print(
  io: Io,
  format: Options['format'],
  diagnostics: readonly Diagnostic[],
  files: readonly SourceFile[],
  system: MailSystem | null,
  file: string,
): Promise<void> {
  if (format === 'text') {
    printDiagnostics(io, diagnostics, files, folderOf(file));
    if (system !== null) io.stdout(`${file} is valid: ${census(system)}\n`);
    return;
  }
  const { formatDiagnosticsFor } = await import('./diagnostic-formats.ts');
  io.stdout(formatDiagnosticsFor(format, diagnostics, folderOf(file)));
}

/** `1 host, 2 domains, 12 users, 5 aliases`. */
function census(system: MailSystem): string {
  const count = (list: readonly unknown[], one: string, many: string): string =>
    `${list.length} ${list.length === 1 ? one : many}`;
  return [
    count(system.hosts, 'host', 'hosts'),
    count(system.domains, 'domain', 'domains'),
    count(system.users, 'user', 'users'),
    count(system.aliases, 'alias', 'aliases'),
  ].join(', ');
}
