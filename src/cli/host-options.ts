/** The options of commands that look at a host. */
import { type Command, Option } from 'commander';

export interface HostOptions {
  readonly root: string;
  readonly host?: string;
  readonly format: 'text' | 'json';
}

/** `/`, unless said otherwise: on the host itself. */
export function addHostOptions(command: Command): Command {
  return command
    .option('--root <folder>', "the host's root folder", '/')
    .option('--host <name>', 'which host of mail.yaml')
    .addOption(new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'));
}
