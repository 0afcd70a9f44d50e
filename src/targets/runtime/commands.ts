/** The two programs that a live host is run with, and what their failures mean to whoever applies. */
import type { DiagnosticCode } from '../../diagnostics/catalogue/index.ts';
import { error } from '../../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../../diagnostics/diagnostic-error.ts';
import { printable } from '../../diagnostics/format/printable.ts';
import { type Ended, type ProgramOptions, runProgram } from './run-program.ts';

export interface Commands {
  /** Any exit code is an answer; a daemon that does not answer, or no `docker`, is a DiagnosticError. */
  readonly docker: (words: readonly string[], timeoutMs?: number) => Promise<Ended>;
  /** As `docker`, where everything but success is a DiagnosticError; gives stdout. */
  readonly dockerOrFail: (words: readonly string[], timeoutMs?: number) => Promise<string>;
  readonly systemctl: (words: readonly string[], timeoutMs?: number) => Promise<Ended>;
  readonly systemctlOrFail: (words: readonly string[], timeoutMs?: number) => Promise<string>;
  /** A script of the host: what it says on stderr is its own. */
  readonly script: (path: string, words: readonly string[], timeoutMs: number) => Promise<Ended>;
}

/** Longer than the longest `stopTimeout` of a container. */
const twoMinutes = 120_000;

export function commandsOf(options: Omit<ProgramOptions, 'timeoutMs'>): Commands {
  const run = async (
    program: 'docker' | 'systemctl',
    words: readonly string[],
    timeoutMs: number,
  ): Promise<Ended> => {
    try {
      const ended = await runProgram([program, ...words], { ...options, timeoutMs });
      if (ended.code !== 0 && unreachable.test(ended.stderr)) throw failure(program, words, ended);
      return ended;
    } catch (cause) {
      if (!(cause instanceof Error) || !('code' in cause) || cause.code !== 'ENOENT') throw cause;
      const code = program === 'docker' ? 'docker-not-available' : 'systemd-failed';
      throw new DiagnosticError(error(code, null, `there is no ${program} command here`));
    }
  };
  const orFail = async (
    program: 'docker' | 'systemctl',
    words: readonly string[],
    timeoutMs: number,
  ): Promise<string> => {
    const ended = await run(program, words, timeoutMs);
    if (ended.code !== 0) throw failure(program, words, ended);
    return ended.stdout;
  };
  return {
    docker: (words, timeoutMs = twoMinutes) => run('docker', words, timeoutMs),
    dockerOrFail: (words, timeoutMs = twoMinutes) => orFail('docker', words, timeoutMs),
    systemctl: (words, timeoutMs = twoMinutes) => run('systemctl', words, timeoutMs),
    systemctlOrFail: (words, timeoutMs = twoMinutes) => orFail('systemctl', words, timeoutMs),
    script: async (path, words, timeoutMs) => {
      const ended = await runProgram(['/bin/sh', path, ...words], { ...options, timeoutMs });
      if (ended.code !== 0 && unreachable.test(ended.stderr)) throw failure('docker', [], ended);
      return ended;
    },
  };
}

/** What the docker command says, whichever its version, where no daemon answers it. */
const unreachable =
  /Cannot connect to the Docker daemon|error during connect|permission denied while trying to connect to the/i;

function failure(program: 'docker' | 'systemctl', words: readonly string[], ended: Ended): DiagnosticError {
  const code: DiagnosticCode =
    program === 'systemctl'
      ? 'systemd-failed'
      : unreachable.test(ended.stderr)
        ? 'docker-not-available'
        : 'docker-failed';
  const what = [program, ...words.slice(0, 1)].join(' ');
  return new DiagnosticError(error(code, null, `${what}: ${whyItEnded(ended)}`));
}

/** One line, safe to print: the end of what it said, or how it ended when it said nothing. */
export function whyItEnded({ code, timedOut, stdout, stderr }: Ended): string {
  if (timedOut) return 'it did not end in its time';
  const said = lastLines(stderr, 3) || lastLines(stdout, 3);
  if (said !== '') return said;
  return code === null ? 'it was killed' : `it ended with exit code ${code}`;
}

function lastLines(text: string, count: number): string {
  return text
    .split('\n')
    .map((line) => printable(line.trim()))
    .filter((line) => line !== '' && !line.startsWith("See 'docker"))
    .slice(-count)
    .join('; ');
}
