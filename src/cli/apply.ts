/** mailc apply: does what plan shows, all of it or nothing. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type HazardId, hazardIds } from '../model/plan.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';
import type { AddCommand } from './main.ts';
import { databaseOption } from './plan.ts';
import { resolverOption } from './resolver-option.ts';

export interface ApplyOptions {
  readonly yes?: true;
  readonly allow: readonly HazardId[];
  readonly allowDirty?: true;
  readonly database?: string;
  readonly root?: string;
  readonly host?: string;
  readonly source?: string;
  readonly format: 'text' | 'json';
  readonly full?: true;
  /** False to skip the probes. */
  readonly probe?: boolean;
  readonly resolver?: string;
  /** Names of generated secrets that get another value: `mailc rotate`. */
  readonly rotate?: ReadonlySet<string>;
}

export const applyCommand: AddCommand = (program: Command, io: Io, done) => {
  addApplyOptions(
    program
      .command('apply')
      .description('do what plan shows: to the database, and with --root to a host')
      .argument('[plan-or-file]', 'a plan saved by mailc plan -o, or the source', 'mail.yaml'),
  )
    .option('--source <file>', 'the source of a saved plan (default: mail.yaml)')
    .action(async (planOrFile: string, options: ApplyOptions) => {
      const { applyPlan } = await import('./apply-plan.ts');
      done((await applyPlan(io, planOrFile, options)) satisfies ExitCode);
    });
};

/** What every command that applies takes. */
export function addApplyOptions(command: Command): Command {
  return command
    .option('--yes', 'do not ask')
    .addOption(
      new Option('--allow <hazard>', `allow by name, as often as needed: ${hazardIds.join(', ')}`)
        .argParser(toHazards)
        .default([], 'none'),
    )
    .option('--allow-dirty', 'the same as --allow not-committed')
    .addOption(databaseOption())
    .option('--root <folder>', "a host's root folder, / on the host itself")
    .option('--host <name>', 'only this host of mail.yaml')
    .addOption(new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'))
    .option('--full', 'print every change and every line')
    .option('--no-probe', 'do not try the listeners of a live host afterwards')
    .addOption(resolverOption());
}

/** For `--allow`, which is given as often as needed, or once with commas. */
export function toHazards(text: string, before: readonly HazardId[]): readonly HazardId[] {
  const names = text.split(',').filter((name) => name !== '');
  const hazards = hazardIds.filter((id) => names.includes(id));
  if (names.length === 0 || hazards.length < new Set(names).size) {
    throw new InvalidArgumentError(`It must be one of ${hazardIds.join(', ')}.`);
  }
  return [...before, ...hazards];
}
