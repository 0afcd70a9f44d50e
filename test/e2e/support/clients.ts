// What the tests' people do: someone outside sends, a user submits, a user reads.

import { isIPv6 } from 'node:net';
import { type FetchMessageObject, ImapFlow } from 'imapflow';
import { Conversation } from './conversation.ts';
import { passwords, type UserName } from './organisation.ts';
import { eventually } from './run.ts';
import type { World } from './shared.ts';
import { type Reply, SmtpClient } from './smtp-client.ts';

/** The name in the certificate, whatever address is connected to. */
export function tlsOf(world: World) {
  return { ca: world.authority.ca, servername: world.host };
}

export interface Mail {
  readonly from?: string;
  readonly to: string | readonly string[];
  readonly subject: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

/** A message of RFC 5322 with CRLF. The subject tells the tests' messages apart. */
export function messageOf({
  from = 'someone@elsewhere.example',
  to,
  subject,
  headers = [],
  body,
}: Mail): string {
  return [
    `From: <${from}>`,
    `To: ${[to].flat().join(', ')}`,
    `Subject: ${subject}`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${subject.replace(/[^A-Za-z0-9]/g, '-')}@elsewhere.example>`,
    ...headers,
    '',
    body ?? `This is the message "${subject}".`,
    '',
  ].join('\r\n');
}

/**
 * From the mail host of elsewhere.example, unless told otherwise, to port 25; the reply to the message, or to what was
 * refused.
 */
export async function receive(world: World, mail: Mail, envelopeFrom?: string, by?: string): Promise<Reply> {
  const client = await connectOutside(world, by);
  const from = envelopeFrom ?? mail.from ?? 'someone@elsewhere.example';
  const reply = await client.send(from, [mail.to].flat(), messageOf(mail));
  await client.quit();
  return reply;
}

/** As another mail server would: again after a temporary error, until it is taken. A permanent one is a bounce there. */
export function receiveUntilTaken(world: World, mail: Mail): Promise<void> {
  return eventually(
    `"${mail.subject}" taken`,
    async () => {
      const reply = await receive(world, mail).catch(() => ({ code: 0, text: '' }));
      if (reply.code >= 500) throw new Error(`"${mail.subject}": ${reply.code} ${reply.text}`);
      return reply.code === 250;
    },
    60_000,
  ).then(() => {});
}

/** Milliseconds that a message takes from outside to the mailbox. */
export async function deliveryTime(world: World, to: UserName, subject: string): Promise<number> {
  const begin = Date.now();
  await receiveUntilTaken(world, { to, subject });
  await messageIn(world, to, subject);
  return Date.now() - begin;
}

/** Where Postfix is for a client of that address: by IPv6 who has such a one. */
function postfixFor(world: World, client: string): Promise<string> {
  return isIPv6(client) ? world.addressOf6('postfix') : world.addressOf('postfix');
}

/** Port 25, past EHLO. */
export async function connectOutside(
  world: World,
  from: string = world.outside.address,
): Promise<SmtpClient> {
  const client = await SmtpClient.connect({ host: await postfixFor(world, from), port: 25, from });
  await client.command('EHLO mx.elsewhere.example');
  return client;
}

/** Users are in several places: from one, Postfix takes thirty logins a minute. */
function someWhere(world: World): Promise<string> {
  return world.outsideAddress(201 + (submissions++ % 9));
}
let submissions = 0;

/** Port 587, within TLS, past EHLO, not logged in. Rejects with the reply where the server is not ready. */
export async function connectSubmission(world: World, place?: string): Promise<SmtpClient> {
  const from = place ?? (await someWhere(world));
  const client = await SmtpClient.connect({ host: await postfixFor(world, from), port: 587, from });
  const steps = [
    () => Promise.resolve(client.greeting),
    () => client.command('EHLO laptop.home.example'),
    () => client.startTls(tlsOf(world)),
    () => client.command('EHLO laptop.home.example'),
  ];
  for (const step of steps) {
    const reply = await step();
    if (reply.code >= 400 || reply.code === 0) {
      client.conversation.close();
      throw Object.assign(new Error(`submission: ${reply.code} ${reply.text}`), { reply });
    }
  }
  return client;
}

/** Port 465, within TLS from the first byte, past EHLO, not logged in. */
export async function connectSubmissions(world: World, place?: string): Promise<SmtpClient> {
  const from = place ?? (await someWhere(world));
  const host = await postfixFor(world, from);
  const client = await SmtpClient.connect({ host, port: 465, from, tls: tlsOf(world) });
  await client.command('EHLO laptop.home.example');
  return client;
}

/**
 * By port 587; From: and envelope are the user's own address unless told otherwise. The reply to the message, or
 * to what was refused before it.
 */
export async function submit(world: World, user: UserName, mail: Mail): Promise<Reply> {
  const client = await connectSubmission(world).catch((cause: Error & { readonly reply?: Reply }) => {
    return cause.reply ?? { code: 0, text: cause.message };
  });
  if ('code' in client) return client;
  const login = await client.authPlain(user, passwords[user]);
  if (login.code !== 235) return login;
  const from = mail.from ?? user;
  const reply = await client.send(from, [mail.to].flat(), messageOf({ ...mail, from }));
  await client.quit();
  return reply;
}

/** At Dovecot's IPv4 address unless told otherwise, as with POP3 and ManageSieve. */
export async function imapOf(world: World, user: UserName, host?: string): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: host ?? (await world.addressOf('dovecot')),
    port: 993,
    secure: true,
    tls: tlsOf(world),
    auth: { user, pass: passwords[user] },
    logger: false,
  });
  // Whoever waits for an answer learns of it there.
  client.on('error', () => {});
  await client.connect();
  return client;
}

export interface StoredMessage {
  readonly uid: number;
  readonly raw: string;
}

/** All messages with this subject in a folder, now. */
export async function messagesIn(
  world: World,
  user: UserName,
  subject: string,
  folder = 'INBOX',
): Promise<readonly StoredMessage[]> {
  const client = await imapOf(world, user);
  try {
    return await messagesSeenBy(client, subject, folder);
  } finally {
    await client.logout();
  }
}

/** Waits for the message to come into a folder. */
export async function messageIn(
  world: World,
  user: UserName,
  subject: string,
  folder = 'INBOX',
  timeoutMs = 30_000,
): Promise<StoredMessage> {
  // Of one login: each costs as much as the hash of the password.
  const client = await imapOf(world, user);
  try {
    return await eventually(
      `"${subject}" in ${folder} of ${user}`,
      async () => (await messagesSeenBy(client, subject, folder))[0],
      timeoutMs,
    );
  } catch (cause) {
    const queue = await world.exec('postfix', ['postqueue', '-j']);
    throw new Error(`${cause instanceof Error ? cause.message : cause}; the queue has\n${queue.stdout}`);
  } finally {
    await client.logout();
  }
}

async function messagesSeenBy(
  client: ImapFlow,
  subject: string,
  folder: string,
): Promise<readonly StoredMessage[]> {
  // Some folders come with the first message that a script files there.
  if (!(await client.list()).some(({ path }) => path === folder)) return [];
  const lock = await client.getMailboxLock(folder);
  try {
    // A folder that is open already shows what is new only when asked.
    await client.noop();
    // Part of a subject is found too.
    const found = await client.search({ subject }, { uid: true });
    if (found === false || found === undefined || found.length === 0) return [];
    const messages: StoredMessage[] = [];
    for await (const message of client.fetch(
      found,
      { envelope: true, source: true },
      { uid: true },
    ) as AsyncIterable<FetchMessageObject>) {
      if (message.envelope?.subject === subject) {
        messages.push({ uid: message.uid, raw: message.source?.toString('latin1') ?? '' });
      }
    }
    return messages;
  } finally {
    lock.release();
  }
}

/** A header's value, unfolded; null when there is none. */
export function header(raw: string, name: string): string | null {
  const head = raw.slice(0, raw.search(/\r?\n\r?\n/)).replace(/\r?\n[ \t]+/g, ' ');
  return new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1] ?? null;
}

/** POP3 (RFC 1939) over TLS, logged in. */
export async function pop3Of(world: World, user: UserName, host?: string): Promise<Conversation> {
  const conversation = await Conversation.open({
    host: host ?? (await world.addressOf('dovecot')),
    port: 995,
    tls: tlsOf(world),
  });
  await conversation.line();
  for (const command of [`USER ${user}`, `PASS ${Buffer.from(passwords[user]).toString('latin1')}`]) {
    conversation.write(`${command}\r\n`);
    const reply = await conversation.line();
    if (!reply?.startsWith('+OK')) throw new Error(`POP3: ${reply}`);
  }
  return conversation;
}

/** The newest message, and the end of the session. */
export async function newestByPop3(pop3: Conversation): Promise<readonly string[]> {
  pop3.write('STAT\r\n');
  const count = Number(/^\+OK (\d+) /.exec((await pop3.line()) ?? '')?.[1]);
  pop3.write(`RETR ${count}\r\n`);
  const lines: string[] = [];
  for (let line = await pop3.line(); line !== '.' && line !== null; line = await pop3.line())
    lines.push(line);
  pop3.close();
  return lines;
}
