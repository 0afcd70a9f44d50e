// The rest of the world: a mail server somewhere else, which keeps what it is sent and answers as a test tells it.

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { eventually } from './run.ts';

export interface ReceivedMessage {
  readonly from: string;
  readonly to: readonly string[];
  /** Who connected, and what it called itself. */
  readonly client: string;
  readonly helo: string;
  readonly tls: boolean;
  /** Name that the client logged in as; null when it did not. */
  readonly login: string | null;
  /** As sent, with CRLF, dots unstuffed. */
  readonly raw: string;
}

export interface OutsideHost {
  readonly address: string;
  readonly messages: readonly ReceivedMessage[];
  /** Waits for a message whose text or envelope holds this. */
  readonly message: (text: string, timeoutMs?: number) => Promise<ReceivedMessage>;
  /** What RCPT TO of this address is answered from now on, such as `550 5.1.1 no such user`; null: 250 again. */
  readonly answerTo: (recipient: string, reply: string | null) => void;
  readonly stop: () => Promise<void>;
}

export interface OutsideHostOptions {
  readonly address: string;
  readonly port?: number;
  /** PEM; offers STARTTLS, and AUTH within it. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Mail is taken only after a login with these words. */
  readonly credentials?: { readonly user: string; readonly password: string };
}

export async function startOutsideHost(options: OutsideHostOptions): Promise<OutsideHost> {
  const messages: ReceivedMessage[] = [];
  const answers = new Map<string, string>();
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    new Session(socket, options, answers, (message) => messages.push(message)).begin();
  });
  server.listen(options.port ?? 25, options.address);
  await once(server, 'listening');
  return {
    address: options.address,
    messages,
    message: (text, timeoutMs) =>
      eventually(
        `a message outside with "${text}"`,
        () => messages.find(({ raw, from, to }) => [raw, from, ...to].some((part) => part.includes(text))),
        timeoutMs,
      ),
    answerTo: (recipient, reply) => {
      if (reply === null) answers.delete(recipient);
      else answers.set(recipient, reply);
    },
    stop: async () => {
      for (const connection of connections) connection.destroy();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

class Session {
  #socket: Socket;
  readonly #options: OutsideHostOptions;
  readonly #answers: ReadonlyMap<string, string>;
  readonly #keep: (message: ReceivedMessage) => void;
  #input = '';
  #data: string | null = null;
  #tls = false;
  #login: string | null = null;
  #helo = '';
  #from = '';
  #to: string[] = [];

  constructor(
    socket: Socket,
    options: OutsideHostOptions,
    answers: ReadonlyMap<string, string>,
    keep: (message: ReceivedMessage) => void,
  ) {
    this.#socket = socket;
    this.#options = options;
    this.#answers = answers;
    this.#keep = keep;
  }

  begin(): void {
    this.#listen();
    this.#say('220 mx.elsewhere.example ESMTP');
  }

  #listen(): void {
    this.#socket.on('error', () => {});
    this.#socket.on('data', (data: Buffer) => this.#take(data.toString('latin1')));
  }

  #say(line: string): void {
    if (this.#socket.writable) this.#socket.write(`${line}\r\n`, 'latin1');
  }

  #take(text: string): void {
    this.#input += text;
    for (let end = this.#input.indexOf('\n'); end >= 0; end = this.#input.indexOf('\n')) {
      const line = this.#input.slice(0, end + 1);
      this.#input = this.#input.slice(end + 1);
      if (this.#data !== null) this.#takeData(line);
      else this.#takeCommand(line.replace(/\r?\n$/, ''));
    }
  }

  #takeData(line: string): void {
    if (line === '.\r\n') {
      const message = {
        from: this.#from,
        to: this.#to,
        client: this.#socket.remoteAddress ?? '',
        helo: this.#helo,
        tls: this.#tls,
        login: this.#login,
        raw: this.#data ?? '',
      };
      this.#data = null;
      this.#keep(message);
      this.#say('250 2.0.0 Kept');
    } else this.#data += line.startsWith('.') ? line.slice(1) : line;
  }

  #reply(line: string): string {
    const [verb = ''] = line.toUpperCase().split(' ');
    const address = /<([^>]*)>/.exec(line)?.[1] ?? '';
    const { tls, credentials } = this.#options;
    switch (verb) {
      case 'EHLO':
        this.#helo = line.slice(5);
        return [
          '250-mx.elsewhere.example',
          ...(tls !== undefined && !this.#tls ? ['250-STARTTLS'] : []),
          ...(credentials !== undefined && this.#tls ? ['250-AUTH PLAIN'] : []),
          '250 8BITMIME',
        ].join('\r\n');
      case 'HELO':
        this.#helo = line.slice(5);
        return '250 mx.elsewhere.example';
      case 'STARTTLS':
        return tls === undefined || this.#tls ? '502 5.5.1 What?' : '220 2.0.0 Go ahead';
      case 'AUTH':
        return this.#authenticate(line.split(' ')[2] ?? '');
      case 'MAIL':
        if (credentials !== undefined && this.#login === null) return '530 5.7.0 Log in first';
        this.#from = address;
        this.#to = [];
        return '250 2.1.0 Ok';
      case 'RCPT': {
        const answer = this.#answers.get(address.toLowerCase());
        if (answer === undefined) this.#to.push(address);
        return answer ?? '250 2.1.5 Ok';
      }
      case 'DATA':
        if (this.#to.length === 0) return '554 5.5.1 No recipients';
        this.#data = '';
        return '354 Go ahead';
      case 'QUIT':
        return '221 2.0.0 Bye';
      case 'RSET':
      case 'NOOP':
        return '250 2.0.0 Ok';
      default:
        return '502 5.5.1 What?';
    }
  }

  #takeCommand(line: string): void {
    const reply = this.#reply(line);
    this.#say(reply);
    if (reply.startsWith('220') && this.#options.tls !== undefined) this.#startTls(this.#options.tls);
    if (reply.startsWith('221')) this.#socket.end();
  }

  #startTls(tls: NonNullable<OutsideHostOptions['tls']>): void {
    this.#socket.removeAllListeners('data');
    this.#socket = new TLSSocket(this.#socket, { isServer: true, secureContext: createSecureContext(tls) });
    this.#tls = true;
    this.#input = '';
    this.#listen();
  }

  #authenticate(response: string): string {
    const [, user = '', password = ''] = Buffer.from(response, 'base64').toString('utf8').split('\0');
    const { credentials } = this.#options;
    if (credentials?.user !== user || credentials.password !== password) return '535 5.7.8 No';
    this.#login = user;
    return '235 2.7.0 Welcome';
  }
}
