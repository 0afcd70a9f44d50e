// A shell inside the Debian 13 tree that stays, so that a test can talk to daemons that it started there: they share
// a network namespace with nobody else.

import type { Debian13 } from './debian13.ts';
import type { EnterOptions } from './enter.ts';

export interface InnerShell {
  /** Runs a script and gives what it printed, errors included. */
  readonly run: (script: string) => Promise<string>;
  /** Ends the shell and all that was started in it. */
  readonly stop: () => void;
}

/** `start` is a bash script; it runs first, and its daemons stay. Rejects, with all its output, if it fails. */
export async function innerShell(
  debian: Debian13,
  start: string,
  options: EnterOptions = {},
): Promise<InnerShell> {
  const child = debian.start(['bash'], options);
  let output = '';
  let wake = () => {};
  const append = (text: string): void => {
    output += text;
    wake();
  };
  child.stdout.setEncoding('utf8').on('data', append);
  child.stderr.setEncoding('utf8').on('data', append);
  child.once('close', () => wake());
  child.stdin.on('error', () => {}); // the shell ended; the next read says so

  /** What came before the mark. Daemons may print too, so the mark is all that tells where a script's end is. */
  const until = async (mark: string): Promise<string> => {
    while (!output.includes(mark)) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the shell ended\n${output}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const text = output.slice(0, output.indexOf(mark));
    output = output.slice(text.length + mark.length);
    return text;
  };

  child.stdin.write(`set -euo pipefail\n${start}\nset +euo pipefail\nprintf '\\1'\n`);
  await until('\u0001');
  return {
    run: async (script) => {
      child.stdin.write(`{ ${script}\n} </dev/null 2>&1; printf '\\1'\n`);
      return until('\u0001');
    },
    stop: () => child.kill('SIGKILL'),
  };
}
