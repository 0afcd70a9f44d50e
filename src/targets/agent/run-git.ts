/** Runs git for the agent: an environment of its own, no hooks, no questions, a time limit for all it started. */
import { spawn } from 'node:child_process';

export interface GitRequest {
  /** An existing folder. */
  readonly folder: string;
  readonly words: readonly string[];
  /** Besides what every run has. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly seconds: number;
  readonly signal: AbortSignal;
  /** `latin1` keeps every byte of what is no text, or of text in another encoding. */
  readonly encoding?: 'utf8' | 'latin1';
}

export interface GitRun {
  /** Null where it was ended, by the time limit or by Ctrl-C. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ended: 'by itself' | 'too late' | 'interrupted' | 'not installed';
}

/** Only the beginning of what git says is of use; a server may make it say more than fits into memory. */
const mostOutput = 4 * 1024 * 1024;

/** Never rejects for what git does. */
export function runGit(request: GitRequest): Promise<GitRun> {
  const { words, environment = {}, ...rest } = request;
  return runProgram('git', [...settings, ...words], { ...rest, environment: { ...quiet, ...environment } });
}

/** Over whatever the repository or the machine says: nothing but git itself is to run. */
const settings = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['submodule.recurse', 'false'],
  ['fetch.recurseSubmodules', 'false'],
  ['transfer.fsckObjects', 'true'],
  ['fetch.fsckObjects', 'true'],
  ['transfer.bundleURI', 'false'],
  ['core.askPass', ''],
  ['credential.helper', ''],
].flatMap(([name, value]) => ['-c', `${name}=${value}`]);

/** The administrator's own configuration is not there for the unit (ProtectHome=), so it never counts. */
const quiet = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_NO_LAZY_FETCH: '1',
  GIT_SSH_VARIANT: 'ssh',
};

interface ProgramOptions extends Omit<GitRequest, 'words'> {
  readonly stdin?: Uint8Array;
}

/** In a process group of its own, so that what it started ends with it. */
export function runProgram(
  program: string,
  words: readonly string[],
  { folder, environment, seconds, signal, encoding = 'utf8', stdin }: ProgramOptions,
): Promise<GitRun> {
  return new Promise((resolve) => {
    const child = spawn(program, words, {
      cwd: folder,
      env: { ...ordinaryEnvironment(), ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    let ended: GitRun['ended'] = 'by itself';
    const end = (how: GitRun['ended']): void => {
      if (ended !== 'by itself' || child.pid === undefined) return;
      ended = how;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It ended by itself in this very moment.
      }
    };
    const interrupt = (): void => end('interrupted');
    const timer = setTimeout(() => end('too late'), seconds * 1000);
    signal.addEventListener('abort', interrupt);
    if (signal.aborted) interrupt();
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding(encoding).on('data', (text: string) => {
        if (output[stream].length < mostOutput) output[stream] += text;
      });
    }
    const finish = (code: number | null, how: GitRun['ended']): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', interrupt);
      resolve({ code, ...output, ended: how });
    };
    child.on('error', () => finish(null, 'not installed'));
    child.on('close', (code) => finish(ended === 'by itself' ? code : null, ended));
    child.stdin.on('error', () => {}); // It need not read all of it.
    child.stdin.end(stdin ?? '');
  });
}

/** GIT_DIR, GIT_SSH_COMMAND and the like would make it another repository, or another program. */
function ordinaryEnvironment(): Record<string, string> {
  const names = [
    'PATH',
    'HOME',
    'TMPDIR',
    'SSH_AUTH_SOCK',
    'https_proxy',
    'HTTPS_PROXY',
    'no_proxy',
    'NO_PROXY',
  ];
  const environment: Record<string, string> = { LC_ALL: 'C' };
  for (const name of names) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
