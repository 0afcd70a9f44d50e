/**
 * A connection to a server that listens inside a container, for a program outside it: the two streams of `docker exec`,
 * which bash in the container joins to a socket. No port is published, no address has to be known, and it is the same
 * on every kind of network.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { Duplex, type Readable, type Writable } from 'node:stream';
import { printable } from '../../diagnostics/format/printable.ts';

export interface ContainerAddress {
  readonly container: string;
  /** On the container's own 127.0.0.1. */
  readonly port: number;
  /** Whose process it is inside. */
  readonly user: string;
  /** What the docker command reads, such as PATH and DOCKER_HOST. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Whichever side ends first ends the other: when mailc goes away Docker closes the standard input, and when the server
 * goes away the socket reads as ended. A background job of bash has no standard input but one that it is given.
 *
 * Process 1 of the container is the server, and inherits whatever loses its parent; PostgreSQL takes such a process
 * that ends by a signal for a crash of its own, and starts all over. So bash ends last, and has waited for what it
 * kills; nothing else ends by a signal, since those that might come are ignored, SIGPIPE among them.
 */
const joined = `
trap '' HUP INT PIPE TERM
exec 3<>"/dev/tcp/127.0.0.1/$0" 4<&0 || exit 69
cat <&3 3>&- 4<&- &
reader=$!
cat <&4 >&3 3>&- 4<&- &
exec 3>&- 4<&- </dev/null
wait -n
# Told to end, the server closes its side.
for _ in {1..20}; do
  kill -0 "$reader" 2>/dev/null || break
  sleep 0.05
done
kill -KILL $(jobs -p) 2>/dev/null
wait
exit 0`;

/** As much of net.Socket as node-postgres asks for in the `stream` option of its Client. */
export class ContainerSocket extends Duplex {
  readonly #address: ContainerAddress;
  #child: ChildProcessByStdio<Writable, Readable, Readable> | null = null;
  #said = '';

  constructor(address: ContainerAddress) {
    super({ allowHalfOpen: false });
    this.#address = address;
  }

  /** The host and port that node-postgres means are not those inside. */
  connect(): this {
    const { container, port, user, environment } = this.#address;
    const words = ['exec', '--interactive', '--user', user, container, 'bash', '-c', joined, String(port)];
    // In a session of its own: Ctrl-C on the terminal reaches mailc, which decides.
    const child = spawn('docker', words, {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      env: { ...environment },
    });
    this.#child = child;
    child.once('spawn', () => this.emit('connect'));
    child.once('error', (cause) => this.destroy(cause));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(0, 2000);
    });
    child.stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout.pause();
    });
    child.stdin.on('error', () => {}); // The end of the program says it better.
    child.once('close', (code) => this.#ended(code));
    return this;
  }

  /** Messages are written whole. */
  setNoDelay(): this {
    return this;
  }

  /** The way to the daemon is a local socket, or Docker's to keep up. */
  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    this.#child?.ref();
    return this;
  }

  unref(): this {
    this.#child?.unref();
    return this;
  }

  override _read(): void {
    this.#child?.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (cause?: Error | null) => void): void {
    if (this.#child === null) done(new Error('not connected'));
    else this.#child.stdin.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#child?.stdin.end();
    done();
  }

  override _destroy(cause: Error | null, done: (cause: Error | null) => void): void {
    // With its standard input the other end inside the container ends too; then docker does.
    this.#child?.stdin.destroy();
    this.#child?.kill();
    done(cause);
  }

  #ended(code: number | null): void {
    if (this.destroyed) return;
    const reason = this.#said
      .split('\n')
      .map((line) => printable(line.trim()))
      .find((line) => line !== '');
    if (code === 0 || reason === undefined) this.push(null);
    else this.destroy(new Error(reason));
  }
}
