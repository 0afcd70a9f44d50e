/** mailc secrets: brings what one host has made to another that needs the same, through a pipe and nowhere else. */
import type { Command } from 'commander';
import type { ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';
import type { AddCommand } from './main.ts';

export interface SecretsOptions {
  readonly file: string;
  readonly root: string;
  readonly host?: string;
  readonly for?: string;
  readonly replace?: true;
}

export const secretsCommand: AddCommand = (program: Command, io: Io, done) => {
  const secrets = program
    .command('secrets')
    .description('bring the secrets that several hosts share from one to another');
  const shared = (command: Command): Command =>
    command
      .option('--file <file>', 'the source', 'mail.yaml')
      .requiredOption('--root <folder>', "the host's root folder, / on the host itself")
      .option('--host <name>', 'the host of mail.yaml that --root belongs to');
  shared(
    secrets
      .command('export')
      .description('write the secrets that other hosts need too to stdout, for a pipe'),
  )
    .option('--for <host>', 'only those that this host needs')
    .action(async (options: SecretsOptions) => {
      const { exportSecrets } = await import('./carry-secrets.ts');
      done((await exportSecrets(io, options)) satisfies ExitCode);
    });
  shared(
    secrets.command('import').description('keep the secrets that come on stdin and that this host needs'),
  )
    .option('--replace', 'in place of other values that the host has')
    .action(async (options: SecretsOptions) => {
      const { importSecrets } = await import('./carry-secrets.ts');
      done((await importSecrets(io, options)) satisfies ExitCode);
    });
};
