// Measures the whole system beside a plain one: both run at once, and take turns, so that a busy machine slows both.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { hashPassword } from '../../../src/password/hash-password.ts';
import { takeHostLock } from '../../../src/targets/host/lock.ts';
import { Conversation } from '../../e2e/support/conversation.ts';
import {
  type Places,
  removeEverything,
  startMailSystem,
  testNetwork,
  writeVolumeFile,
} from '../../e2e/support/mail-system.ts';
import { prepare } from '../../e2e/support/prepare.ts';
import { startPyzorServer } from '../../e2e/support/pyzor-server.ts';
import { memoryByContainer } from './idle-memory.ts';
import { type Compared, inTurns } from './in-turns.ts';
import { startPlainSystem } from './plain-system.ts';
import {
  type Differences,
  deliver,
  type Load,
  logins,
  someMessages,
  type Target,
  takeOut,
} from './traffic.ts';

export interface LoadOptions {
  readonly messages: number;
  readonly connections: number;
  /** How many of the messages go through the filter too, in a second run. */
  readonly filtered: number;
}

const host = 'mail.example.com';
const domain = 'example.com';
const users = Array.from({ length: 50 }, (_, number) => `user${String(number).padStart(2, '0')}`);
const addresses = users.map((user) => `${user}@${domain}`);
const password = 'correct horse battery staple';
// crypt(5)'s own number of rounds: with more of them both systems would do little but hash.
const passwordHash = hashPassword(password, { rounds: 5000, randomBytes });
/** Long enough that starting and ending do not count, short enough that both systems find the same machine. */
const messagesInSlice = 1000;
const loginsInSlice = 100;

/** Prints its table; whether all goals were reached. */
export async function measureLoad({ messages, connections, filtered }: LoadOptions): Promise<boolean> {
  if (!(messages >= 1 && connections >= 1 && filtered >= 1)) {
    throw new Error('usage: npm run bench:load [-- MESSAGES [CONNECTIONS [FILTERED]]], each at least 1');
  }
  const prepared = await prepare((line) => console.error(line));
  if ('unavailable' in prepared) throw new Error(prepared.unavailable);
  const lock = await waitForLock();
  try {
    await removeEverything();
    const off = await measure(false, messages, connections, prepared.postgresImage);
    const on = await measure(true, filtered, connections, prepared.postgresImage);
    return off && on;
  } finally {
    await removeEverything();
    await lock.release();
  }
}

async function measure(
  filter: boolean,
  messages: number,
  connections: number,
  postgresImage: string,
): Promise<boolean> {
  const system = await startMailSystem(
    {
      host,
      source: (places) => source(places, filter),
      prepare: (data) =>
        writeVolumeFile(data, 'clamav', 'bench.ndb', 'Nothing:0:*:00112233445566778899aabb\n'),
    },
    postgresImage,
  );
  const from = await system.outsideAddress(200);
  system.dns.add({ 'elsewhere.example': { MX: ['10 mx.elsewhere.example'] } });
  system.dns.add({ 'mx.elsewhere.example': { A: [from] }, 'public.pyzor.org': { A: [from] } });
  const pyzor = await startPyzorServer(from);
  try {
    // Idle: what the start has set going is over.
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    const memory = await memoryByContainer(host);
    const ours: Target = {
      name: 'mailc',
      smtp: { host: await system.addressOf('postfix'), port: 25 },
      imap: { host: await system.addressOf('dovecot'), port: 993 },
      tls: { ca: system.authority.ca, servername: host },
      mail: join(system.data, 'mail'),
    };
    const plain = await startPlainSystem(system, domain, users, passwordHash);
    const targets = { plain, ours };
    const load: Load = { connections, from };
    await passPostscreen(ours, from);

    const wrong = { plain: nothingWrong, ours: nothingWrong };
    const deliverSlice = async (side: keyof typeof targets, name: string, count: number): Promise<number> => {
      const batch = someMessages(count, addresses, `${filter}, ${name}`);
      const seconds = await deliver(targets[side], batch, load);
      wrong[side] = sum(wrong[side], takeOut(targets[side], batch));
      return seconds;
    };
    const logIn = (side: keyof typeof targets, count: number): Promise<number> =>
      logins(targets[side], addresses, password, count, load);
    // Processes are started and caches filled before anything counts.
    for (const side of ['plain', 'ours'] as const) {
      await deliverSlice(side, 'warm-up', Math.min(100, messages));
      await logIn(side, loginsInSlice);
    }
    const slices = Math.ceil(messages / messagesInSlice);
    const count = Math.ceil(messages / slices);
    const delivered = await inTurns(slices, count, (side, slice) =>
      deliverSlice(side, `slice ${slice}`, count),
    );
    const loggedIn = await inTurns(Math.min(10, Math.max(3, slices)), loginsInSlice, (side) =>
      logIn(side, loginsInSlice),
    );
    // A copy that comes late would be a doubled one.
    for (const side of ['plain', 'ours'] as const) {
      const late = takeOut(targets[side], []);
      wrong[side] = sum(wrong[side], late);
    }

    const title = `filter ${filter ? 'on' : 'off'}, ${slices * count} messages of 2 KB, ${connections} connections`;
    console.log(`\n${row([title, "Debian's", 'mailc', 'ratio', 'goal', ''])}`);
    const goal = filter ? null : 0.8;
    const results = [
      compare('messages a second, from connection to Maildir', delivered, goal),
      compare('IMAP logins a second', loggedIn, goal),
      judge('messages lost', wrong.plain.lost, wrong.ours.lost, 0),
      judge('messages doubled', wrong.plain.doubled, wrong.ours.doubled, 0),
      judge('messages that nobody sent', wrong.plain.unknown, wrong.ours.unknown, 0),
      judge('MB of memory, idle', null, total(memory), filter ? 600 : null),
    ];
    const parts = [...memory].map(([name, size]) => `${name} ${size.toFixed(0)}`).join(', ');
    console.log(`  of which ${parts}`);
    return results.every((good) => good);
  } finally {
    await pyzor.stop();
    await system.stop();
  }
}

const nothingWrong: Differences = { lost: 0, doubled: 0, unknown: 0 };

function sum(a: Differences, b: Differences): Differences {
  return { lost: a.lost + b.lost, doubled: a.doubled + b.doubled, unknown: a.unknown + b.unknown };
}

function total(memory: ReadonlyMap<string, number>): number {
  return [...memory.values()].reduce((all, one) => all + one, 0);
}

function compare(what: string, { plain, ours, ratio }: Compared, goal: number | null): boolean {
  const good = goal === null || ratio >= goal;
  const cells = [plain.toFixed(1), ours.toFixed(1), ratio.toFixed(2)];
  console.log(row([what, ...cells, goal === null ? '' : `>= ${goal}`, mark(good, goal)]));
  return good;
}

function judge(what: string, plain: number | null, ours: number, most: number | null): boolean {
  const good = most === null || ours <= most;
  const cells = [plain === null ? '' : plain.toFixed(0), ours.toFixed(0), ''];
  console.log(row([what, ...cells, most === null ? '' : `<= ${most}`, mark(good, most)]));
  return good;
}

function mark(good: boolean, goal: number | null): string {
  return goal === null ? '' : good ? 'PASS' : 'MISS';
}

function row([what = '', ...cells]: readonly string[]): string {
  return what.padEnd(58) + cells.map((cell) => cell.padStart(9)).join('');
}

/** A client that is new to it is kept waiting and then known for weeks; no load test would be about that. */
async function passPostscreen({ smtp }: Target, from: string): Promise<void> {
  const first = await Conversation.open({ ...smtp, from });
  await first.line();
  await first.line();
  first.write('QUIT\r\n');
  await first.line();
  first.close();
}

/** Containers have fixed names: whoever uses them, such as the end-to-end tests, holds this lock. */
async function waitForLock(): Promise<{ readonly release: () => Promise<void> }> {
  const holder = { pid: process.pid, since: new Date().toISOString(), who: 'the load benchmark' };
  for (let told = false; ; told = true) {
    const attempt = await takeHostLock('/srv/mailc-e2e', holder);
    if ('lock' in attempt) return attempt.lock;
    if (!told) console.error('waiting for the end-to-end tests that run on this machine');
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

function source({ data, certificate, key, postgresImage }: Places, filter: boolean): string {
  return `
version: 1
hosts:
  ${host}:
    addresses: [203.0.113.10, "2001:db8::10"]
    tls: { certificate: ${certificate}, key: ${key} }
    data: ${data}
    supervisor: docker
    services: [${filter ? 'amavis, clamav, ' : ''}dovecot, opendkim, postfix, postgres]
ports: { smtp: 20025, submission: 20587, submissions: 20465, imap: 20143, imaps: 20993, pop3: 20110, pop3s: 20995, sieve: 24190 }
network: { name: ${testNetwork}, subnet: 172.29.77.0/24, subnet6: "fd00:6d61:6c65::/64" }
images: { postgres: "${postgresImage}" }
postmaster: ${addresses[0]}
postscreen: { greet_wait: 1 }
${filter ? '' : 'spam: { enabled: false }\nvirus: { enabled: false }'}
domains:
  ${domain}: {}
users:
${addresses.map((address) => `  ${address}: { password: ${JSON.stringify(passwordHash)} }`).join('\n')}
`;
}
