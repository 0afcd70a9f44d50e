/** Runs one program of the host to its end, without a shell, within a time, and not beyond an interruption. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface ProgramOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Past it the program and all that it has started are killed. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface Ended {
  /** Null when it was killed. */
  readonly code: number | null;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Of each stream its end, which says why. */
const keptCharacters = 1_000_000;

/**
 * Any exit code is an answer. Throws the signal's reason when interrupted, and what spawn(2) says when there is no such
 * program. The program is in a session of its own: Ctrl-C on the terminal reaches mailc, which decides.
 */
export function runProgram(argv: readonly string[], options: ProgramOptions): Promise<Ended> {
  const { environment, timeoutMs, signal } = options;
  const [program = '', ...words] = argv;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const child = spawn(program, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...environment },
    });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      killAll(child);
    }, timeoutMs);
    const interrupt = () => killAll(child);
    signal.addEventListener('abort', interrupt, { once: true });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] = (output[name] + text).slice(-keptCharacters);
      });
    }
    const settle = (action: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', interrupt);
      action();
    };
    child.once('error', (cause) => settle(() => reject(cause)));
    child.once('close', (code) =>
      settle(() => (signal.aborted ? reject(signal.reason) : resolve({ code, timedOut, ...output }))),
    );
  });
}

/** With the children of a script, which hold its streams open. */
function killAll({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}
