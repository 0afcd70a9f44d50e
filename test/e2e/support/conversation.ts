// A client that says exactly what the test says, byte for byte, over TCP or TLS: for SMTP, POP3 and ManageSieve,
// and for what no decent client would say.

import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';

export interface Peer {
  readonly host: string;
  readonly port: number;
  /** The address to come from. */
  readonly from?: string;
  /** Begin with TLS. */
  readonly tls?: ConnectionOptions;
}

export class Conversation {
  #socket: Socket | TLSSocket;
  #received = '';
  #ended = false;
  #wake: () => void = () => {};
  readonly #timeoutMs: number;

  private constructor(socket: Socket | TLSSocket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    this.#listen();
  }

  static async open(peer: Peer, timeoutMs = 15_000): Promise<Conversation> {
    const options = {
      host: peer.host,
      port: peer.port,
      ...(peer.from === undefined ? {} : { localAddress: peer.from }),
    };
    const socket = peer.tls === undefined ? connectTcp(options) : connectTls({ ...options, ...peer.tls });
    const conversation = new Conversation(socket, timeoutMs);
    await within(
      once(socket, peer.tls === undefined ? 'connect' : 'secureConnect'),
      timeoutMs,
      `no connection to ${peer.host}:${peer.port}`,
    );
    return conversation;
  }

  /** STARTTLS: from here on within TLS. */
  async upgrade(tls: ConnectionOptions): Promise<void> {
    this.#socket.removeAllListeners('data');
    const secure = connectTls({ ...tls, socket: this.#socket });
    this.#socket = secure;
    this.#received = '';
    this.#listen();
    await within(once(secure, 'secureConnect'), this.#timeoutMs, 'no TLS');
  }

  write(text: string | Buffer): void {
    this.#socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
  }

  /** One line without its end; null when the peer has hung up. */
  async line(): Promise<string | null> {
    const deadline = Date.now() + this.#timeoutMs;
    for (;;) {
      const end = this.#received.indexOf('\n');
      if (end >= 0) {
        const line = this.#received.slice(0, end);
        this.#received = this.#received.slice(end + 1);
        return line.replace(/\r$/, '');
      }
      if (this.#ended) return null;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`no line within ${this.#timeoutMs} ms; so far: ${this.#received}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Whether the peer has hung up, or does within the time given. */
  async hungUp(timeoutMs: number): Promise<boolean> {
    const deadline = Date.now() + timeoutMs;
    while (!this.#ended && Date.now() < deadline) await sleep(50);
    return this.#ended;
  }

  /** What the peer's certificate and the protocol are; null without TLS. */
  get tls(): { readonly protocol: string | null; readonly authorized: boolean } | null {
    return 'getProtocol' in this.#socket
      ? { protocol: this.#socket.getProtocol(), authorized: this.#socket.authorized }
      : null;
  }

  close(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    this.#socket.on('data', (data: Buffer) => {
      this.#received += data.toString('latin1');
      this.#wake();
    });
    const end = () => {
      this.#ended = true;
      this.#wake();
    };
    this.#socket.on('end', end);
    this.#socket.on('close', end);
    this.#socket.on('error', end);
  }
}

async function within<Value>(promise: Promise<Value>, timeoutMs: number, what: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
