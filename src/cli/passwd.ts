/** mailc passwd: from a password to the hash that mail.yaml wants. Never from arguments: those are public. */
import { type Command, InvalidArgumentError } from 'commander';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import type { AddCommand } from './main.ts';

interface Options {
  readonly rounds?: number;
}

export const passwdCommand: AddCommand = (program: Command, io: Io, done) => {
  program
    .command('passwd')
    .description('hash a password, read from the terminal or from standard input')
    .option('--rounds <number>', 'rounds of SHA512-CRYPT, 5000 to 999999999', toRounds)
    .action(async (options: Options) => done(await passwd(io, options)));
};

async function passwd(io: Io, options: Options): Promise<ExitCode> {
  const { defaultRounds, hashPassword } = await import('../password/hash-password.ts');
  const { readPassword } = await import('./read-password.ts');
  const { randomBytes } = await import('node:crypto');
  const password = await readPassword(io);
  if (password === null) return exitCodes.interrupted;
  if (typeof password !== 'string') {
    io.stderr(`error: ${password.refused}\n`);
    return exitCodes.usage;
  }
  io.stdout(`${hashPassword(password, { rounds: options.rounds ?? defaultRounds, randomBytes })}\n`);
  return exitCodes.done;
}

function toRounds(text: string): number {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 5000 || rounds > 999_999_999) {
    throw new InvalidArgumentError('It must be a whole number from 5000 to 999999999.');
  }
  return rounds;
}
