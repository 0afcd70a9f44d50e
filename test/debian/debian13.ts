// Lets tests run the real Debian 13 programs (Postfix 3.10, Dovecot 2.4, ...): what they say of a rendered file
// counts, not what we remember of their manual pages. Tests only look for the tree; rootfs.sh makes it.

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe } from 'vitest';
import { type EnterOptions, enter } from './enter.ts';

export interface RunOptions extends EnterOptions {
  readonly stdin?: string | Buffer;
  /** Past it the run is killed and rejected; 30 seconds if not said. */
  readonly timeoutMs?: number;
}

export interface Ran {
  /** 128 + N when signal N ended it, as a shell says it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Debian13 {
  readonly root: string;
  /** Runs one program to its end; everything that it started or wrote is gone afterwards. */
  run(argv: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Starts a program that stays: kill the process to end it. */
  start(argv: readonly string[], options?: EnterOptions): ChildProcessWithoutNullStreams;
}

export interface Unavailable {
  readonly unavailable: string;
}

let found: Debian13 | Unavailable | undefined;

export function debian13(): Debian13 | Unavailable {
  found ??= find();
  return found;
}

/** Like describe; where the tree is not there the tests are skipped, and the name says why. */
export function describeReal(name: string, body: (debian: Debian13) => void): void {
  const debian = debian13();
  if ('unavailable' in debian) {
    // The body runs, to name its tests, but they do not.
    describe.skip(`${name} [not run: ${debian.unavailable}]`, () => body(neverRun));
  } else {
    describe(name, () => body(debian));
  }
}

function find(): Debian13 | Unavailable {
  if (process.getuid?.() !== 0) return { unavailable: 'entering the Debian 13 tree needs root' };
  const root = cachedRoot();
  if (!existsSync(root)) {
    return {
      unavailable:
        'the Debian 13 tree is not made yet; test/debian/rootfs.sh makes it, and npm test calls it',
    };
  }
  return {
    root,
    run: (argv, options) => run(root, argv, options),
    start: (argv, options) => enter(root, argv, options),
  };
}

/** The path that rootfs.sh prints. */
function cachedRoot(): string {
  // || as in the script: a variable that is set to nothing counts as not set.
  const cache =
    process.env.MAILC_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mailc');
  const hash = createHash('sha256')
    .update(readFileSync(new URL('rootfs.sh', import.meta.url)))
    .digest('hex');
  return join(cache, `debian13-${hash.slice(0, 12)}`);
}

async function run(root: string, argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { stdin = '', timeoutMs = 30_000 } = options;
  const child = enter(root, argv, options);
  child.stdin.on('error', () => {}); // EPIPE: a program need not read all of it
  child.stdin.end(stdin);

  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  const [code, stdout, stderr] = await Promise.all([exitCode(child), text(child.stdout), text(child.stderr)]);
  clearTimeout(timer);
  if (late) throw new Error(`killed after ${timeoutMs} ms: ${argv.join(' ')}\n${stdout}${stderr}`);
  return { code, stdout, stderr };
}

function exitCode(child: ChildProcessWithoutNullStreams): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 137));
  });
}

const neverRun: Debian13 = {
  root: '/nonexistent',
  run: () => Promise.reject(new Error('this machine has no Debian 13 tree')),
  start: () => {
    throw new Error('this machine has no Debian 13 tree');
  },
};
