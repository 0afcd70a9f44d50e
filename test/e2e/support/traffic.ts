// Mail that keeps flowing while a test breaks things: other servers and users who try again, as they do, until a
// message is taken; and what came of each message in the end.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectOutside, connectSubmission, messageOf } from './clients.ts';
import { passwords } from './organisation.ts';
import { eventually } from './run.ts';
import type { World } from './shared.ts';
import type { SmtpClient } from './smtp-client.ts';

/** Where a message comes from and where it ends. */
const kinds = {
  /** From outside to a mailbox. */
  incoming: { from: 'someone@elsewhere.example', to: 'alice@example.com', outside: false },
  /** From a user to somewhere else. */
  outgoing: { from: 'bob@example.com', to: 'someone@elsewhere.example', outside: true },
  /** From outside to an alias that leads outside again. */
  forwarded: { from: 'someone@elsewhere.example', to: 'out@example.com', outside: true },
} as const;
export type Kind = keyof typeof kinds;

export interface Sent {
  readonly kind: Kind;
  readonly id: string;
  /** What the test was doing when it was first tried. */
  readonly during: string;
  /** When it was taken, in milliseconds since 1970; null until then. */
  taken: number | null;
  /** The message was sent whole and the connection broke before the reply: it may have been taken. */
  unanswered: boolean;
  /** Replies that a mail server would take for final. */
  readonly refusals: string[];
}

export interface Copy {
  readonly id: string;
  /** When it was stored, in milliseconds since 1970. */
  readonly stored: number;
}

export class Traffic {
  readonly sent: Sent[] = [];
  during = 'nothing yet';
  readonly #world: World;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #underWay = new Set<Promise<void>>();
  readonly #run = Date.now().toString(36);
  #logins = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** About a message a second, of all kinds. */
  start(): void {
    const every = (kind: Kind, milliseconds: number) =>
      this.#timers.push(setInterval(() => void this.post(kind), milliseconds));
    every('incoming', 1500);
    every('outgoing', 3000);
    every('forwarded', 4000);
  }

  /** Nothing new from now on, and waits until what was begun is taken. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#underWay);
  }

  /** Sends one message, again and again until it is taken. */
  async post(kind: Kind): Promise<Sent> {
    const id = `${this.sent.length}.${this.#run}@traffic.example`;
    const { during } = this;
    const sent: Sent = { kind, id, during, taken: null, unanswered: false, refusals: [] };
    this.sent.push(sent);
    // One that nobody takes shows in the end: it is stored nowhere.
    const taken = this.#tryUntilTaken(sent).catch(() => {});
    this.#underWay.add(taken);
    await taken.finally(() => this.#underWay.delete(taken));
    return sent;
  }

  async #tryUntilTaken(sent: Sent): Promise<void> {
    await eventually(
      `message ${sent.id} (${sent.kind}, ${sent.during}) taken`,
      () => this.#try(sent),
      90_000,
    );
    sent.taken = Date.now();
  }

  async #try(sent: Sent): Promise<boolean> {
    // Refused connections, broken ones and time-outs are temporary to every client.
    const client = await this.#connect(sent).catch(() => null);
    if (client === null) return pause();
    const { from, to } = kinds[sent.kind];
    let whole = false;
    try {
      for (const command of [`MAIL FROM:<${from}>`, `RCPT TO:<${to}>`, 'DATA']) {
        const reply = await client.command(command);
        if (reply.code >= 500) sent.refusals.push(`${command}: ${reply.code} ${reply.text}`);
        if (reply.code >= 400 || reply.code === 0) return await pause();
      }
      const message = messageOf({ from, to, subject: 'traffic' });
      whole = true;
      const reply = await client.command(
        `${message.replace(/^Message-ID: .*$/m, `Message-ID: <${sent.id}>`)}.`,
      );
      if (reply.code >= 500) sent.refusals.push(`end of DATA: ${reply.code} ${reply.text}`);
      if (reply.code === 0) sent.unanswered = true;
      return reply.code === 250 || (await pause());
    } catch {
      if (whole) sent.unanswered = true;
      return await pause();
    } finally {
      await client.quit();
    }
  }

  async #connect(sent: Sent): Promise<SmtpClient | null> {
    if (sent.kind !== 'outgoing') {
      const client = await connectOutside(this.#world);
      if (client.greeting.code === 220) return client;
      client.conversation.close();
      return null;
    }
    // Users are in many places, and none of them logs in more often than one may.
    const place = await this.#world.outsideAddress(231 + (this.#logins++ % 10));
    const client = await connectSubmission(this.#world, place);
    const login = await client.authPlain('bob@example.com', passwords['bob@example.com']);
    if (login.code === 235) return client;
    if (login.code >= 500) sent.refusals.push(`AUTH, ${this.during}: ${login.code} ${login.text}`);
    client.conversation.close();
    return null;
  }

  /** Where the message is stored by now: in the Maildirs, or with the host outside. */
  copiesOf(sent: Pick<Sent, 'kind' | 'id'>): number {
    return kinds[sent.kind].outside ? this.#outside(sent.id) : this.#stored(sent.id).length;
  }

  #outside(id: string): number {
    return this.#world.outside.messages.filter(({ raw }) => raw.includes(`Message-ID: <${id}>`)).length;
  }

  #stored(id: string): readonly Copy[] {
    return this.storedCopies().filter((copy) => copy.id === id);
  }

  /** All messages of this traffic that lie in a Maildir, read from the host's disk. */
  storedCopies(): readonly Copy[] {
    const root = join(this.#world.data, 'mail');
    return readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\/(new|cur)\/[^/]+$/.test(path))
      .flatMap((path) => {
        const id = /^Message-ID: <(.*\.[0-9a-z]+@traffic\.example)>\r?$/im.exec(
          readFileSync(join(root, path), 'latin1'),
        )?.[1];
        return id?.endsWith(`.${this.#run}@traffic.example`)
          ? [{ id, stored: statSync(join(root, path)).mtimeMs }]
          : [];
      });
  }
}

async function pause(): Promise<false> {
  await sleep(1000);
  return false;
}
