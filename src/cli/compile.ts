/** mailc compile: writes every file of the mail system below out/, or says whether out/ is what it would write. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { compileSource } from './compile-source.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import type { AddCommand } from './main.ts';

interface Options {
  readonly output: string;
  readonly check?: true;
  readonly strict?: true;
}

export const compileCommand: AddCommand = (program: Command, io: Io, done) => {
  program
    .command('compile')
    .description('write every file of the mail system')
    .argument('[file]', 'the source', 'mail.yaml')
    .option('-o, --output <folder>', 'where to write', 'out')
    .option('--check', 'write nothing; exit 2 when the folder is stale')
    .option('--strict', 'treat warnings as errors')
    .action(async (file: string, options: Options) => done(await compile(io, file, options)));
};

async function compile(io: Io, file: string, options: Options): Promise<ExitCode> {
  const compiled = await compileSource(io, file, { isStrict: options.strict === true });
  if (compiled === null) return exitCodes.invalid;
  const { compareOutput, writeOutput } = await import('../targets/output-folder.ts');
  const folder = resolve(io.workingFolder, options.output);
  const difference = compareOutput(folder, compiled.artifacts);
  const stale = difference.write.length + difference.remove.length;
  if (options.check) {
    for (const { path } of difference.write) io.stdout(`stale: ${options.output}/${path}\n`);
    for (const path of difference.remove) io.stdout(`not generated: ${options.output}/${path}\n`);
    if (stale === 0) io.stdout(`${options.output} is up to date\n`);
    return stale === 0 ? exitCodes.done : exitCodes.pending;
  }
  writeOutput(folder, difference);
  const total = compiled.artifacts.length;
  io.stdout(
    `${options.output}: ${total} files, ${difference.write.length} written, ${difference.remove.length} removed\n`,
  );
  return exitCodes.done;
}
