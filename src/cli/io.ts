/** The one door between the commands and the process they run in. */
import { styleText } from 'node:util';

export interface Io {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  readonly stdinIsTerminal: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
  /** Aborted by the first Ctrl-C (SIGINT) or SIGTERM; whoever asks for it answers for stopping. */
  readonly interrupted: () => AbortSignal;
  /** Paints for the stream named; does nothing where colour is not wanted. */
  readonly paint: (stream: 'stdout' | 'stderr') => Paint;
}

export type Style = 'red' | 'green' | 'yellow' | 'blue' | 'cyan' | 'bold' | 'dim';
export type Paint = (style: Style, text: string) => string;

export function processIo(): Io {
  // A reader such as `head` that has seen enough is no error.
  process.stdout.on('error', (cause: NodeJS.ErrnoException) => process.exit(cause.code === 'EPIPE' ? 0 : 1));
  let interrupted: AbortSignal | null = null;
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    stdoutIsTerminal: process.stdout.isTTY === true,
    stderrIsTerminal: process.stderr.isTTY === true,
    stdinIsTerminal: process.stdin.isTTY === true,
    environment: process.env,
    workingFolder: process.cwd(),
    interrupted: () => {
      interrupted ??= catchInterrupts();
      return interrupted;
    },
    // styleText itself honours NO_COLOR, FORCE_COLOR and whether the stream is a terminal.
    paint: (stream) => (style, text) => styleText(style, text, { stream: process[stream] }),
  };
}

/** Only for a command that asks: any other ends at the first signal, as everyone expects. */
function catchInterrupts(): AbortSignal {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // A second one means it: the next apply finds its way from wherever this one stopped.
      if (interrupt.signal.aborted) process.exit(130);
      interrupt.abort();
    });
  }
  return interrupt.signal;
}
