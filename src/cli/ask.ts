/** Asks on a terminal for what was not given as a flag; without a terminal, says which flags are missing. */
import { createInterface } from 'node:readline/promises';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';

export interface Question {
  readonly name: string;
  readonly question: string;
  readonly given: string | undefined;
  /** From the answers so far; null where there is nothing to suggest. */
  readonly suggested: (answers: Answers) => string | null;
}

export type Answers = Readonly<Record<string, string>>;

export async function askFor(io: Io, questions: readonly Question[]): Promise<Answers | ExitCode> {
  const answers: Record<string, string> = {};
  for (const { name, question, given, suggested } of questions) {
    const suggestion = given ?? suggested(answers);
    if (given === undefined && io.stdinIsTerminal) {
      const answer = await ask(io, suggestion === null ? `${question}: ` : `${question} [${suggestion}]: `);
      if (answer === null) return exitCodes.interrupted;
      answers[name] = answer === '' ? (suggestion ?? '') : answer;
    } else {
      answers[name] = suggestion ?? '';
    }
    if (answers[name] === '') {
      io.stderr(
        `error: init needs ${question.toLowerCase()}: --${name === 'addresses' ? 'address' : name}\n`,
      );
      return exitCodes.usage;
    }
  }
  return answers;
}

async function ask(io: Io, prompt: string): Promise<string | null> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(prompt, { signal: io.interrupted() })).trim();
  } catch {
    return null;
  } finally {
    terminal.close();
  }
}
