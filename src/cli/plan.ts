/** mailc plan: what would change, and what that means for mail. Changes nothing. */
import { type Command, Option } from 'commander';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import type { AddCommand } from './main.ts';
import type { MadePlan } from './make-plan.ts';
import { resolverOption } from './resolver-option.ts';

export interface PlanOptions {
  readonly from?: string;
  readonly to?: string;
  readonly database?: string;
  readonly root?: string;
  readonly host?: string;
  readonly format: 'text' | 'json' | 'markdown';
  readonly output?: string;
  readonly detailedExitcode?: true;
  readonly full?: true;
  readonly strict?: true;
  readonly resolver?: string;
}

export const planCommand: AddCommand = (program: Command, io: Io, done) => {
  program
    .command('plan')
    .description('show what a change would do: against what is live, or between two commits')
    .argument('[file]', 'the source', 'mail.yaml')
    .option('--from <ref>', 'compare two commits, offline: this one…')
    .option('--to <ref>', '…with this one (default: the files as they lie in the folder)')
    .addOption(databaseOption())
    .option('--root <folder>', "compare with a host's files: its root folder, / on the host itself")
    .option('--host <name>', 'only this host of mail.yaml')
    .addOption(
      new Option('--format <format>', 'how to print').choices(['text', 'json', 'markdown']).default('text'),
    )
    .option('-o, --output <file>', 'save the plan for mailc apply')
    .option('--detailed-exitcode', 'exit 2 when there are changes')
    .option('--full', 'print every change and every line')
    .option('--strict', 'treat warnings as errors')
    .addOption(resolverOption())
    .action(async (file: string, options: PlanOptions) => done(await plan(io, file, options)));
};

/** A URL with a password in it is better given by the environment: arguments are public (ps(1)). */
export function databaseOption(): Option {
  return new Option(
    '--database <url>',
    'a Postgres URL, or embedded:FOLDER; PGPASSWORD and ~/.pgpass work',
  ).env('MAILC_DATABASE');
}

async function plan(io: Io, file: string, options: PlanOptions): Promise<ExitCode> {
  const { makePlan } = await import('./make-plan.ts');
  const made = await makePlan(io, file, options);
  if (typeof made === 'number') return made;
  const { output } = options;
  if (output !== undefined) {
    const { savePlan } = await import('./save-plan.ts');
    savePlan(io, output, made.plan, made.elsewhere);
  }
  io.stdout(await formatted(io, options, made));
  for (const note of [...made.stages, ...made.notes]) io.stderr(`${note}\n`);
  return options.detailedExitcode && made.plan.changes.length > 0 ? exitCodes.pending : exitCodes.done;
}

async function formatted(
  io: Io,
  options: PlanOptions,
  { plan, elsewhere }: Pick<MadePlan, 'plan' | 'elsewhere'>,
): Promise<string> {
  const allowed = new Set<never>();
  switch (options.format) {
    case 'json': {
      const { planJson } = await import('../diff/format/json.ts');
      const { version } = await import('../../package.json');
      return planJson(plan, version, elsewhere);
    }
    case 'markdown': {
      const { planMarkdown } = await import('../diff/format/markdown.ts');
      return planMarkdown(plan, { allowed, elsewhere });
    }
    case 'text': {
      const { planText } = await import('../diff/format/text.ts');
      return planText(plan, { paint: io.paint('stdout'), full: options.full === true, allowed, elsewhere });
    }
  }
}
