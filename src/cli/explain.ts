/** mailc explain: a diagnostic's page, without leaving the terminal. */
import type { Command } from 'commander';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import type { AddCommand } from './main.ts';

export const explainCommand: AddCommand = (program: Command, io: Io, done) => {
  program
    .command('explain')
    .description('what a diagnostic means, why the rule is there, and the cure')
    .argument('<code>', 'what stands in brackets, such as alias-cycle')
    .action(async (code: string) => done(await explain(io, code)));
};

async function explain(io: Io, code: string): Promise<ExitCode> {
  const { catalogue } = await import('../diagnostics/catalogue/index.ts');
  const entry = Object.entries(catalogue).find(([known]) => known === code)?.[1];
  if (entry === undefined) {
    const { suggest } = await import('../diagnostics/suggest.ts');
    const near = suggest(code, Object.keys(catalogue));
    const cure = near === null ? 'docs/diagnostics.md lists them all' : `did you mean ${near}?`;
    io.stderr(`error: there is no diagnostic ${JSON.stringify(code)}: ${cure}\n`);
    return exitCodes.usage;
  }
  io.stdout(`${code}\n\n${entry.rule}\n\n${entry.reason}\n\nCure: ${entry.cure}\n`);
  return exitCodes.done;
}
