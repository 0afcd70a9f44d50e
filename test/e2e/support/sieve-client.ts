// ManageSieve (RFC 5804), as much as a test needs.

import { tlsOf } from './clients.ts';
import { Conversation } from './conversation.ts';
import { passwords, type UserName } from './organisation.ts';
import type { World } from './shared.ts';

export class SieveClient {
  readonly #conversation: Conversation;

  private constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  /** Not logged in, no TLS; with what the server says it can do. */
  static async connect(world: World, host?: string): Promise<{ client: SieveClient; capabilities: string }> {
    const conversation = await Conversation.open({
      host: host ?? (await world.addressOf('dovecot')),
      port: 4190,
    });
    const client = new SieveClient(conversation);
    return { client, capabilities: await client.#response() };
  }

  static async login(world: World, user: UserName, host?: string): Promise<SieveClient> {
    const { client } = await SieveClient.connect(world, host);
    await client.startTls(world);
    const words = Buffer.from(`\0${user}\0${passwords[user]}`).toString('base64');
    const reply = await client.command(`AUTHENTICATE "PLAIN" "${words}"`);
    if (!/^OK/m.test(reply)) throw new Error(`ManageSieve: ${reply}`);
    return client;
  }

  async startTls(world: World): Promise<void> {
    await this.command('STARTTLS');
    await this.#conversation.upgrade(tlsOf(world));
    await this.#response();
  }

  /** All lines of the response; the last one begins with OK, NO or BYE. */
  command(line: string): Promise<string> {
    this.#conversation.write(`${line}\r\n`);
    return this.#response();
  }

  async install(script: string): Promise<string> {
    const reply = await this.command(`PUTSCRIPT "test" {${Buffer.byteLength(script)}+}\r\n${script}`);
    return reply.startsWith('OK') ? this.command('SETACTIVE "test"') : reply;
  }

  /** No script is active any more. */
  async deactivate(): Promise<void> {
    await this.command('SETACTIVE ""');
  }

  close(): void {
    this.#conversation.close();
  }

  async #response(): Promise<string> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.#conversation.line();
      if (line === null) return [...lines, 'BYE'].join('\n');
      lines.push(line);
      const literal = Number(/\{(\d+)\+?\}$/.exec(line)?.[1] ?? 0);
      for (let read = 0; read < literal; ) {
        const part = (await this.#conversation.line()) ?? '';
        lines.push(part);
        read += part.length + 2;
      }
      if (/^(OK|NO|BYE)\b/.test(line)) return lines.join('\n');
    }
  }
}
