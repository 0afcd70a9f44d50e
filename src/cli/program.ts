/** From the words of a command line to an exit code, with whatever commands an entry has. */
import { Command, CommanderError } from 'commander';
import { version } from '../../package.json';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { hidingUrlPasswords } from './hide-url-passwords.ts';
import { type Io, processIo } from './io.ts';
import type { AddCommand } from './main.ts';
import { reportFailure } from './report-failure.ts';

/** Runs the one of the commands that the process was started with, and leaves its exit code to the process. */
export async function runProgram(commands: readonly AddCommand[]): Promise<void> {
  // No process.exit here: it would cut off what a pipe has not taken yet.
  process.exitCode = await run(commands, processIo(), process.argv.slice(2));
}

async function run(
  commands: readonly AddCommand[],
  terminal: Io,
  words: readonly string[],
): Promise<ExitCode> {
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
