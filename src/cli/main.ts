/** The `mailc` command: each command is a file beside this one, loaded only when it is the one wanted. */
import { Command, CommanderError } from 'commander';
import { version } from '../../package.json';
import { applyCommand } from './apply.ts';
import { backupListCommand } from './backup-list.ts';
import { buildCommand } from './build.ts';
import { compileCommand } from './compile.ts';
import { dnsCommand } from './dns.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { explainCommand } from './explain.ts';
import { hidingUrlPasswords } from './hide-url-passwords.ts';
import { historyCommand } from './history.ts';
import { initCommand } from './init.ts';
import { type Io, processIo } from './io.ts';
import { passwdCommand } from './passwd.ts';
import { planCommand } from './plan.ts';
import { pullCommand } from './pull.ts';
import { reportFailure } from './report-failure.ts';
import { rollbackCommand } from './rollback.ts';
import { rotateCommand } from './rotate.ts';
import { secretsCommand } from './secrets.ts';
import { statusCommand } from './status.ts';
import { validateCommand } from './validate.ts';

/** Adds one command to the program; its action returns the exit code. */
export type AddCommand = (program: Command, io: Io, done: (code: ExitCode) => void) => void;

const commands: readonly AddCommand[] = [
  initCommand,
  validateCommand,
  compileCommand,
  planCommand,
  applyCommand,
  statusCommand,
  historyCommand,
  rollbackCommand,
  rotateCommand,
  secretsCommand,
  backupListCommand,
  pullCommand,
  passwdCommand,
  dnsCommand,
  explainCommand,
  buildCommand,
];

async function main(terminal: Io, words: readonly string[]): Promise<ExitCode> {
  const io = hidingUrlPasswords(terminal, words);
  let exitCode: ExitCode = exitCodes.done;
  const program = new Command('mailc')
    .description(
      'Compiles one mail.yaml into a whole mail system, shows what a change would do, and does it.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .showSuggestionAfterError()
    .showHelpAfterError('(mailc --help lists commands and options)')
    .exitOverride()
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr });
  for (const add of commands) {
    add(program, io, (code) => {
      exitCode = code;
    });
  }
  for (const command of program.commands) command.copyInheritedSettings(program);
  try {
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (cause) {
    if (cause instanceof CommanderError) return cause.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    return reportFailure(io, cause);
  }
}

/** For whoever loads the bundle; no process.exit here: it would cut off what a pipe has not taken yet. */
export const finished = main(processIo(), process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
