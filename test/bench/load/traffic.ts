// The load itself: messages over many connections at once until they lie in the Maildirs, and logins.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { Conversation } from '../../e2e/support/conversation.ts';
import { eventually } from '../../e2e/support/run.ts';
import { SmtpClient } from '../../e2e/support/smtp-client.ts';

export interface Target {
  readonly name: string;
  readonly smtp: { readonly host: string; readonly port: number };
  readonly imap: { readonly host: string; readonly port: number };
  readonly tls: ConnectionOptions;
  /** The folder on this machine that all mailboxes are below, as DOMAIN/LOCALPART. */
  readonly mail: string;
}

export interface Message {
  readonly to: string;
  /** Lines with CRLF; no two messages have the same. */
  readonly body: string;
}

export interface Load {
  readonly connections: number;
  /** The address that clients come from. */
  readonly from: string;
}

/** Of 2 KB of pronounceable words, the same in every run. */
export function someMessages(
  count: number,
  recipients: readonly string[],
  round: string,
): readonly Message[] {
  return Array.from({ length: count }, (_, number) => {
    const words: string[] = [`Message ${number} of ${round}.`];
    for (let n = 0; n < 30; n += 1) {
      const hash = createHash('sha256').update(`${round} ${number} ${n}`).digest();
      const word = (at: number): string =>
        [0, 1, 2].map((part) => syllables[(hash[at * 3 + part] ?? 0) % syllables.length]).join('');
      words.push(`${Array.from({ length: 9 }, (_word, at) => word(at)).join(' ')}.`);
    }
    return { to: recipients[number % recipients.length] ?? '', body: `${words.join('\r\n')}\r\n` };
  });
}

const syllables = ['ba', 'de', 'fi', 'go', 'hu', 'ka', 'le', 'mi', 'no', 'pu', 'ra', 'se', 'ti', 'vo'];

/** Seconds from the first connection until the last message is in a Maildir. */
export async function deliver(
  target: Target,
  messages: readonly Message[],
  { connections, from }: Load,
): Promise<number> {
  const waiting = [...messages.entries()].reverse();
  const begin = performance.now();
  const client = async (): Promise<void> => {
    const smtp = await SmtpClient.connect({ ...target.smtp, from }, 60_000);
    expectCode('the greeting', smtp.greeting.code, 220);
    await smtp.command('EHLO mx.elsewhere.example');
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [number, { to, body }] = next;
      const head = [
        'From: Someone <someone@elsewhere.example>',
        `To: <${to}>`,
        `Subject: Message ${number}`,
        `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
        `Message-ID: <${number}.${Math.trunc(begin)}@elsewhere.example>`,
      ];
      const reply = await smtp.send('someone@elsewhere.example', [to], [...head, '', body].join('\r\n'));
      expectCode(reply.text, reply.code, 250);
    }
    await smtp.quit();
  };
  await Promise.all(Array.from({ length: connections }, client));
  await eventually(
    `${messages.length} messages in the Maildirs of ${target.name}`,
    () => storedFiles(target).length >= messages.length,
    60_000 + messages.length * 1000,
  );
  return (performance.now() - begin) / 1000;
}

/** Seconds for all of them: TCP, TLS, LOGIN, LOGOUT. */
export async function logins(
  target: Target,
  users: readonly string[],
  password: string,
  count: number,
  { connections, from }: Load,
): Promise<number> {
  let left = count;
  const begin = performance.now();
  const client = async (_: unknown, number: number): Promise<void> => {
    const user = users[number % users.length];
    for (; left > 0; ) {
      left -= 1;
      const imap = await Conversation.open({ ...target.imap, from, tls: target.tls }, 60_000);
      await imap.line();
      imap.write(`a LOGIN "${user}" "${password}"\r\n`);
      for (let line = await imap.line(); !line?.startsWith('a OK'); line = await imap.line()) {
        if (line === null || !line.startsWith('*')) throw new Error(`IMAP of ${target.name}: ${line}`);
      }
      imap.write('b LOGOUT\r\n');
      while ((await imap.line())?.startsWith('*') === true);
      imap.close();
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  return (performance.now() - begin) / 1000;
}

/** All zero when each message that was sent is there once, and nothing else is. */
export interface Differences {
  readonly lost: number;
  readonly doubled: number;
  /** Nobody sent it, or not to who has it: one that was changed or went to another user counts as lost too. */
  readonly unknown: number;
}

/** Compares what lies in each Maildir with what was sent to its user, by the bodies, and takes it out. */
export function takeOut(target: Target, sent: readonly Message[]): Differences {
  const counts = new Map<string, number>(sent.map(({ to, body }) => [`${to} ${hashOf(body)}`, 0]));
  let unknown = 0;
  for (const file of storedFiles(target)) {
    const text = readFileSync(join(target.mail, file), 'latin1').replace(/\r?\n/g, '\r\n');
    const [domain, localpart] = file.split('/');
    const key = `${localpart}@${domain} ${hashOf(text.slice(text.indexOf('\r\n\r\n') + 4))}`;
    const count = counts.get(key);
    if (count === undefined) unknown += 1;
    else counts.set(key, count + 1);
    rmSync(join(target.mail, file));
  }
  return {
    lost: [...counts.values()].filter((count) => count === 0).length,
    doubled: [...counts.values()].filter((count) => count > 1).length,
    unknown,
  };
}

/** Below the folder of all mailboxes. */
function storedFiles({ mail }: Target): readonly string[] {
  return readdirSync(mail, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\/(new|cur)\/[^/]+$/.test(path),
  );
}

/** A server may end a body with one more empty line. */
function hashOf(body: string): string {
  return createHash('sha256')
    .update(body.replace(/(\r\n)+$/, ''))
    .digest('base64');
}

function expectCode(what: string, code: number, expected: number): void {
  if (code !== expected) throw new Error(`${what}: ${code} instead of ${expected}`);
}
