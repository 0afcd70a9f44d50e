// Mail on many connections at once, each message with a number of its own, counted by content in the Maildirs.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from './clients.ts';
import { SmtpClient } from './smtp-client.ts';

export interface StreamOptions {
  /** Of 127.0.0.1. */
  readonly port: number;
  readonly to: string;
  /** Where the Maildirs are. */
  readonly folder: string;
  readonly connections: number;
}

export class Stream {
  /** Ids of messages that the server has answered for. */
  readonly taken: string[] = [];
  /** Ids of messages whose connection broke between the end of the message and the answer. */
  readonly unanswered: string[] = [];
  /** Replies that a mail server would take for final. */
  readonly refused: string[] = [];
  readonly #options: StreamOptions;
  readonly #run = Date.now().toString(36);
  #isStopped = false;
  #workers: readonly Promise<void>[] = [];

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  start(): void {
    this.#workers = Array.from({ length: this.#options.connections }, (_, worker) => this.#work(worker));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#workers);
  }

  async #work(worker: number): Promise<void> {
    for (let count = 0; !this.#isStopped; count++) {
      const id = `${worker}.${count}.${this.#run}@stream.example`;
      while (!(await this.#deliver(id))) await sleep(200);
      // About as fast as this machine stores them: a long queue would prove nothing more.
      await sleep(1000);
    }
  }

  /** False to try again, as a mail server does after a temporary error. */
  async #deliver(id: string): Promise<boolean> {
    const { port, to } = this.#options;
    let whole = false;
    try {
      const client = await SmtpClient.connect({ host: '127.0.0.1', port });
      const steps = ['EHLO stream.example', 'MAIL FROM:<>', `RCPT TO:<${to}>`, 'DATA'];
      for (const step of steps) {
        const reply = await client.command(step);
        if (reply.code >= 500) this.refused.push(`${step}: ${reply.code} ${reply.text}`);
        if (reply.code >= 400 || reply.code === 0) return false;
      }
      whole = true;
      const message = messageOf({ to, subject: 'stream' }).replace(
        /^Message-ID: .*$/m,
        `Message-ID: <${id}>`,
      );
      const reply = await client.command(`${message}.`);
      if (reply.code >= 500) this.refused.push(`end of DATA: ${reply.code} ${reply.text}`);
      if (reply.code === 0) this.unanswered.push(id);
      if (reply.code === 250) this.taken.push(id);
      await client.quit();
      return reply.code === 250;
    } catch {
      if (whole) this.unanswered.push(id);
      return false;
    }
  }

  missing(): readonly string[] {
    const stored = this.#stored();
    return this.taken.filter((id) => !stored.has(id));
  }

  /** Stored more often than it was sent for good: RFC 5321 section 4.5.3.2.6 lets an unanswered one come twice. */
  doubled(): readonly string[] {
    return [...this.#stored()].flatMap(([id, count]) =>
      count > 1 + this.unanswered.filter((one) => one === id).length ? [id] : [],
    );
  }

  #stored(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const path of readdirSync(this.#options.folder, { recursive: true, encoding: 'utf8' })) {
      if (!/\/(new|cur)\/[^/]+$/.test(path)) continue;
      const id = /^Message-ID: <(.*@stream\.example)>\r?$/im.exec(
        readFileSync(join(this.#options.folder, path), 'latin1'),
      )?.[1];
      if (id?.endsWith(`.${this.#run}@stream.example`)) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    return counts;
  }
}
