/** mailc pull: what the timer of a host runs. Fetch, verify, plan, and apply where no hazard appears. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type HazardId, hazardIds } from '../model/plan.ts';
import { defaultAgentConfig } from '../targets/agent/agent-config.ts';
import { toHazards } from './apply.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';
import type { AddCommand } from './main.ts';

export interface PullOptions {
  readonly config: string;
  /** The first digits of the id of the one plan that is meant. */
  readonly plan?: string;
  readonly allow: readonly HazardId[];
  /** The one commit that may be applied though it does not come after the last one. */
  readonly allowRewind?: string;
}

export const pullCommand: AddCommand = (program: Command, io: Io, done) => {
  program
    .command('pull')
    .description('on a host: fetch a branch, verify its signature, plan, and apply what has no hazard')
    .option('--config <file>', 'what to pull, and who may sign it', defaultAgentConfig)
    .addOption(
      new Option('--plan <id>', 'go on with this plan only, as it was reported').argParser((text: string) =>
        hex(text, 12, 'the id of a plan: at least 12 hex digits'),
      ),
    )
    .addOption(
      new Option('--allow <hazard>', `allow by name, as often as needed: ${hazardIds.join(', ')}`)
        .argParser(toHazards)
        .default([], 'none'),
    )
    .addOption(
      new Option('--allow-rewind <commit>', 'apply this commit though the branch was rewound').argParser(
        (text: string) => hex(text, 40, 'the whole id of a commit'),
      ),
    )
    .action(async (options: PullOptions) => {
      const { pullAndApply } = await import('./pull-and-apply.ts');
      done((await pullAndApply(io, options)) satisfies ExitCode);
    });
};

function hex(text: string, digits: number, what: string): string {
  if (!/^[0-9a-f]+$/.test(text) || text.length < digits)
    throw new InvalidArgumentError(`It must be ${what}.`);
  return text;
}
