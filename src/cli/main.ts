/** The `mailc` command: each command is a file beside this one. What starts often has an entry of its own too. */
import type { Command } from 'commander';
import { applyCommand } from './apply.ts';
import { backupListCommand } from './backup-list.ts';
import { buildCommand } from './build.ts';
import { compileCommand } from './compile.ts';
import { dnsCommand } from './dns.ts';
import type { ExitCode } from './exit-codes.ts';
import { explainCommand } from './explain.ts';
import { historyCommand } from './history.ts';
import { initCommand } from './init.ts';
import type { Io } from './io.ts';
import { passwdCommand } from './passwd.ts';
import { planCommand } from './plan.ts';
import { runProgram } from './program.ts';
import { pullCommand } from './pull.ts';
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

/** For whoever loads the bundle. */
export const finished = runProgram(commands);
