// Runs a program to its end without ever blocking: the DNS server and the outside host of the tests answer
// containers from this same process.

import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RunOptions {
  readonly stdin?: string | Buffer;
  /** Past it the program is killed and the promise rejected; a minute if not said. */
  readonly timeoutMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Any exit code is an answer; only a program that cannot be started or does not end is an error. */
export function tryRun(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const [program = '', ...words] = argv;
  const { stdin = '', timeoutMs = 60_000, environment = {}, cwd } = options;
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      words,
      {
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: 64 * 1024 ** 2,
        env: { ...process.env, ...environment },
        ...(cwd === undefined ? {} : { cwd }),
      },
      (cause, stdout, stderr) => {
        if (cause === null) resolve({ code: 0, stdout, stderr });
        else if (cause.killed) {
          reject(new Error(`killed after ${timeoutMs} ms: ${argv.join(' ')}\n${stdout}${stderr}`));
        } else if (typeof cause.code === 'number') resolve({ code: cause.code, stdout, stderr });
        else reject(cause);
      },
    );
    child.stdin?.on('error', () => {}); // EPIPE: a program need not read all of it
    child.stdin?.end(stdin);
  });
}

/** What it wrote to stdout; anything but exit code 0 is an error. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await tryRun(argv, options);
  if (code !== 0) throw new Error(`exit code ${code}: ${argv.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

export function docker(words: readonly string[], options?: RunOptions): Promise<string> {
  return run(['docker', ...words], options);
}

/** Asks until the answer is neither null nor undefined nor false; how long at most, and what for, in the error. */
export async function eventually<Answer>(
  what: string,
  ask: () => Promise<Answer | null | undefined | false> | Answer | null | undefined | false,
  timeoutMs = 20_000,
): Promise<Answer> {
  const begin = Date.now();
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    const waited = Date.now() - begin;
    if (waited > timeoutMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    // The longer it takes the less often: asking has its price where much is asked at once.
    await sleep(Math.min(500, 100 + waited / 10));
  }
}
