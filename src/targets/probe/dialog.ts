/** One connection to a server, read line by line, where every wait is bounded and can be interrupted. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls';
import { quote } from '../../diagnostics/quote.ts';
import { ProbeFailure, Unanswered } from './probe-result.ts';

/** Where a listener is reached. */
export interface Peer {
  /** IPv4, IPv6 or a name. */
  readonly address: string;
  readonly port: number;
  /** The host's FQDN: for the server name indication of TLS (RFC 6066), greetings and the certificate. */
  readonly serverName: string;
}

/** A server that sends more than this in one line, or without being asked, is none of ours. Bytes. */
const receiveLimit = 65_536;

/** Milliseconds for an answer, unless said otherwise. */
const patience = 10_000;

export class Dialog {
  #socket: Socket | TLSSocket;
  #received = '';
  #closed = false;
  #wake: () => void = () => {};
  readonly #peer: Peer;
  readonly #signal: AbortSignal;

  private constructor(socket: Socket, peer: Peer, signal: AbortSignal) {
    this.#socket = socket;
    this.#peer = peer;
    this.#signal = signal;
    this.#listen();
  }

  /** Connects, and speaks TLS from the first byte where `implicitTls`. */
  static async open(peer: Peer, implicitTls: boolean, signal: AbortSignal): Promise<Dialog> {
    signal.throwIfAborted();
    const { address: host, port } = peer;
    const socket = connect({ host, port });
    const dialog = new Dialog(socket, peer, signal);
    try {
      await dialog.#event(socket, 'connect', `nothing answers at ${host} port ${port}`);
      if (implicitTls) await dialog.startTls();
      return dialog;
    } catch (cause) {
      dialog.close();
      throw cause;
    }
  }

  /**
   * From here on within TLS 1.2 or later. Who signed the certificate is not judged: authorities of one's own are
   * common, and the machine that probes need not know them.
   */
  async startTls(): Promise<void> {
    // What came before the handshake in clear must not pass for an answer in it (RFC 3207 section 4.2).
    this.#received = '';
    this.#socket.removeAllListeners();
    this.#socket.on('error', () => {});
    const secure = connectTls({
      socket: this.#socket,
      servername: this.#peer.serverName,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: false,
    });
    this.#socket = secure;
    this.#closed = false;
    this.#listen();
    await this.#event(secure, 'secureConnect', 'no TLS 1.2 or later');
  }

  /** Of the server; null before TLS. */
  certificate(): PeerCertificate | null {
    return 'getPeerCertificate' in this.#socket ? this.#socket.getPeerCertificate() : null;
  }

  /** Sends one line, or several with CRLF between them. */
  send(line: string): void {
    this.#socket.write(`${line}\r\n`);
  }

  /** The next line without its end. */
  async line(timeout = patience): Promise<string> {
    const deadline = performance.now() + timeout;
    for (;;) {
      this.#signal.throwIfAborted();
      const end = this.#received.indexOf('\n');
      if (end >= 0) {
        const line = this.#received.slice(0, end);
        this.#received = this.#received.slice(end + 1);
        return line.replace(/\r$/, '');
      }
      if (this.#closed) throw new Unanswered('the connection was closed without an answer');
      const left = deadline - performance.now();
      if (left <= 0) throw new Unanswered(`no answer within ${Math.round(timeout / 1000)} seconds`);
      await this.#woken(left);
    }
  }

  /** Lines up to and including the first one that `isLast`. */
  async lines(isLast: (line: string) => boolean, timeout = patience): Promise<readonly string[]> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.line(timeout);
      lines.push(line);
      if (isLast(line)) return lines;
      if (lines.length > 1000)
        throw new ProbeFailure(`an answer without end, beginning ${quote(lines[0] ?? '')}`);
    }
  }

  /** Says goodbye and hangs up when it was heard, so that no server logs a lost connection. */
  async leave(goodbye: string): Promise<void> {
    try {
      this.send(goodbye);
      for (const deadline = performance.now() + 2000; performance.now() < deadline; ) await this.line(2000);
    } catch {
      // It is over either way.
    }
    this.close();
  }

  close(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    const end = () => {
      this.#closed = true;
      this.#wake();
    };
    this.#socket.setTimeout(0);
    this.#socket.on('data', (data: Buffer) => {
      this.#received += data.toString('latin1');
      if (this.#received.length > receiveLimit) this.#socket.destroy();
      this.#wake();
    });
    this.#socket.on('end', end).on('close', end).on('error', end);
  }

  async #woken(timeout: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, timeout);
      this.#wake = done;
      this.#signal.addEventListener('abort', done);
    });
  }

  /** Waits until a socket is ready; `otherwise` says what it means when it never is. */
  async #event(socket: Socket, name: 'connect' | 'secureConnect', otherwise: string): Promise<void> {
    const state = { ready: false, reason: '' };
    socket.once(name, () => {
      state.ready = true;
      this.#wake();
    });
    socket.prependOnceListener('error', (cause: NodeJS.ErrnoException) => {
      state.reason = ` (${cause.code ?? quote(cause.message)})`;
    });
    const deadline = performance.now() + patience;
    while (!state.ready && !this.#closed && performance.now() < deadline) {
      await this.#woken(deadline - performance.now());
      this.#signal.throwIfAborted();
    }
    if (!state.ready) throw new ProbeFailure(`${otherwise}${state.reason}`);
  }
}
