// SMTP (RFC 5321) as a test wants to speak it: every reply is at hand, nothing is done unasked.

import type { ConnectionOptions } from 'node:tls';
import { Conversation, type Peer } from './conversation.ts';

export interface Reply {
  readonly code: number;
  /** All lines without their codes. */
  readonly text: string;
}

export class SmtpClient {
  readonly conversation: Conversation;
  /** What the server said first. */
  readonly greeting: Reply;

  private constructor(conversation: Conversation, greeting: Reply) {
    this.conversation = conversation;
    this.greeting = greeting;
  }

  static async connect(peer: Peer, timeoutMs?: number): Promise<SmtpClient> {
    const conversation = await Conversation.open(peer, timeoutMs);
    return new SmtpClient(conversation, await readReply(conversation));
  }

  reply(): Promise<Reply> {
    return readReply(this.conversation);
  }

  command(line: string): Promise<Reply> {
    this.conversation.write(`${line}\r\n`);
    return this.reply();
  }

  async startTls(tls: ConnectionOptions): Promise<Reply> {
    const reply = await this.command('STARTTLS');
    if (reply.code === 220) await this.conversation.upgrade(tls);
    return reply;
  }

  authPlain(user: string, password: string): Promise<Reply> {
    return this.command(`AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}`);
  }

  /** The reply to the end of the message, or the first reply that refused something. */
  async send(from: string, to: readonly string[], message: string): Promise<Reply> {
    const steps = [`MAIL FROM:<${from}>`, ...to.map((address) => `RCPT TO:<${address}>`), 'DATA'];
    for (const step of steps) {
      const reply = await this.command(step);
      if (reply.code >= 400) return reply;
    }
    const lines = message.replace(/\r?\n$/, '').split(/\r?\n/);
    return this.command([...lines.map((line) => line.replace(/^\./, '..')), '.'].join('\r\n'));
  }

  async quit(): Promise<void> {
    await this.command('QUIT').catch(() => {});
    this.conversation.close();
  }
}

/** A connection that ends without a word is the reply 0. */
async function readReply(conversation: Conversation): Promise<Reply> {
  const texts: string[] = [];
  for (;;) {
    const line = await conversation.line();
    if (line === null) return { code: 0, text: texts.join('\n') };
    texts.push(line.slice(4));
    if (/^\d{3}( |$)/.test(line)) return { code: Number(line.slice(0, 3)), text: texts.join('\n') };
  }
}
