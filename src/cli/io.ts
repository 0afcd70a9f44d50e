/** The one door between the commands and the process they run in. */
import { fstatSync, writeSync } from 'node:fs';
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
  let interrupted: AbortSignal | null = null;
  return {
    stdout: writer('stdout'),
    stderr: writer('stderr'),
    get stdoutIsTerminal() {
      return isTerminal('stdout');
    },
    get stderrIsTerminal() {
      return isTerminal('stderr');
    },
    get stdinIsTerminal() {
      return isTerminal('stdin');
    },
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

const descriptors = { stdin: 0, stdout: 1, stderr: 2 } as const;

/** Not by the stream of that name: to create one, Node first loads its networking. */
function writer(name: 'stdout' | 'stderr'): (text: string) => void {
  let stream: NodeJS.WriteStream | null = null;
  const failed = ({ code }: NodeJS.ErrnoException): void => {
    // A reader such as `head` that has seen enough is no error; without stderr there is no way to complain.
    if (name === 'stdout') process.exit(code === 'EPIPE' ? 0 : 1);
  };
  return (text) => {
    const bytes = Buffer.from(text);
    let written = 0;
    try {
      while (stream === null && written < bytes.length) {
        written += writeSync(descriptors[name], bytes, written);
      }
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EAGAIN') return failed(cause as NodeJS.ErrnoException);
      // The pipe is full, and someone who shares it made it non-blocking: the stream waits, and keeps the order.
      stream = process[name].on('error', failed);
    }
    stream?.write(bytes.subarray(written));
  };
}

/** Most often the file alone tells that it is none, and the stream need not be created. */
function isTerminal(name: keyof typeof descriptors): boolean {
  try {
    return fstatSync(descriptors[name]).isCharacterDevice() && process[name].isTTY === true;
  } catch {
    return false;
  }
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
