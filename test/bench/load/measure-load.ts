// Measures the whole system beside a plain one: both run at once, and take turns, so that a busy machine slows both.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { hashPassword } from '../../../src/password/hash-password.ts';
import { takeHostLock } from '../../../src/targets/host/lock.ts';
import { Conversation } from '../../e2e/support/conversation.ts';
import {
  type Places,
  type RunningSystem,
  removeEverything,
  startMailSystem,
  testNetwork,
  writeVolumeFile,
} from '../../e2e/support/mail-system.ts';
import { prepare } from '../../e2e/support/prepare.ts';
import { startPyzorServer } from '../../e2e/support/pyzor-server.ts';
import { docker } from '../../e2e/support/run.ts';
import { startPlainSystem } from './plain-system.ts';
import { deliver, type Load, logins, someMessages, type Target, takeOut } from './traffic.ts';

export interface LoadOptions {
  readonly messages: number;
  readonly connections: number;
}

const host = 'mail.example.com';
const domain = 'example.com';
const users = Array.from({ length: 50 }, (_, number) => `user${String(number).padStart(2, '0')}`);
const addresses = users.map((user) => `${user}@${domain}`);
const password = 'correct horse battery staple';
// crypt(5)'s own number of rounds: with more of them both systems would do little but hash.
const passwordHash = hashPassword(password, { rounds: 5000, randomBytes });
const rounds = 5;

/** Prints its lines; whether all goals were reached. */
export async function measureLoad({ messages, connections }: LoadOptions): Promise<boolean> {
  if (!(messages >= rounds && connections >= 1)) {
    throw new Error(`usage: npm run bench:load [-- MESSAGES [CONNECTIONS]], at least ${rounds} and 1`);
  }
  const prepared = await prepare((line) => console.error(line));
  if ('unavailable' in prepared) throw new Error(prepared.unavailable);
  const lock = await waitForLock();
  try {
    await removeEverything();
    const off = await measure(false, { messages, connections }, prepared.postgresImage);
    const on = await measure(true, { messages, connections }, prepared.postgresImage);
    return off && on;
  } finally {
    await removeEverything();
    await lock.release();
  }
}

async function measure(filter: boolean, options: LoadOptions, postgresImage: string): Promise<boolean> {
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
  let reached = true;
  const judge = (name: string, value: number, unit: string, goal: number | null, most = false): void => {
    const good = goal === null || (most ? value <= goal : value >= goal);
    reached &&= good;
    const mark = goal === null ? '    ' : good ? 'ok  ' : 'MISS';
    const wanted = goal === null ? '' : `  (goal ${most ? '<=' : '>='} ${goal}${unit})`;
    console.log(`${mark} ${name.padEnd(58)} ${value.toFixed(unit === ' MB' ? 0 : 2)}${unit}${wanted}`);
  };
  const mode = filter ? 'filter on' : 'filter off';
  try {
    judge(`memory of the idle system, ${mode}`, await memoryOf(system), ' MB', filter ? 600 : null, true);
    const ours: Target = {
      name: 'the compiled system',
      smtp: { host: await system.addressOf('postfix'), port: 25 },
      imap: { host: await system.addressOf('dovecot'), port: 993 },
      tls: { ca: system.authority.ca, servername: host },
      mail: join(system.data, 'mail'),
    };
    const plain = await startPlainSystem(system, domain, users, passwordHash);
    const load: Load = { connections: options.connections, from };
    await passPostscreen(ours, from);

    const wrong = new Set<string>();
    const turn = async (target: Target, name: string, count: number): Promise<number> => {
      const batch = someMessages(count, addresses, `${mode}, ${name}`);
      const seconds = await deliver(target, batch, load);
      const problem = takeOut(target, batch);
      if (problem !== null) wrong.add(`${target.name}, ${name}: ${problem}`);
      return count / seconds;
    };
    // Processes are started and caches filled before anything counts.
    for (const target of [plain, ours]) {
      await turn(target, 'warm-up', Math.min(50, options.messages));
      await logins(target, addresses, password, 2 * users.length, load);
    }
    const count = Math.floor(options.messages / rounds);
    const delivered = await inTurns(plain, ours, (target, round) => turn(target, `round ${round}`, count));
    const loggedIn = await inTurns(plain, ours, (target) =>
      logins(target, addresses, password, Math.max(20, Math.floor(count / 4)), load),
    );
    // A copy that comes late would be a doubled one.
    for (const target of [plain, ours]) {
      const late = takeOut(target, []);
      if (late !== null) wrong.add(`${target.name}, afterwards: ${late}`);
    }

    judge(`messages a second, ${mode}: Debian's settings`, delivered.plain, '', null);
    judge(`messages a second, ${mode}: the compiled system`, delivered.ours, '', null);
    judge(`messages, ${mode}: compiled / Debian's settings`, delivered.ratio, 'x', filter ? null : 0.8);
    judge(`IMAP logins a second, ${mode}: Debian's settings`, loggedIn.plain, '', null);
    judge(`IMAP logins a second, ${mode}: the compiled system`, loggedIn.ours, '', null);
    judge(`IMAP logins, ${mode}: compiled / Debian's settings`, loggedIn.ratio, 'x', filter ? null : 0.8);
    judge(`messages lost, doubled or changed, ${mode}: rounds`, wrong.size, '', 0, true);
    for (const line of wrong) console.log(`     ${line}`);
    return reached;
  } finally {
    await pyzor.stop();
    await system.stop();
  }
}

/** Medians of the rates, and of the ratios of each round. */
async function inTurns(
  plain: Target,
  ours: Target,
  measureOne: (target: Target, round: number) => Promise<number>,
): Promise<{ plain: number; ours: number; ratio: number }> {
  const rates: { plain: number; ours: number }[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    // Who comes second may find the disk busy with the first one's leftovers.
    const order = round % 2 === 1 ? (['plain', 'ours'] as const) : (['ours', 'plain'] as const);
    const rate = { plain: 0, ours: 0 };
    for (const name of order) rate[name] = await measureOne(name === 'plain' ? plain : ours, round);
    rates.push(rate);
  }
  return {
    plain: median(rates.map((rate) => rate.plain)),
    ours: median(rates.map((rate) => rate.ours)),
    ratio: median(rates.map((rate) => rate.ours / rate.plain)),
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
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

/** Of all its containers, in MB, as `docker stats` counts: without the file cache that could be dropped. */
async function memoryOf(system: RunningSystem): Promise<number> {
  // Idle: what the start has set going is over.
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const label = `label=mailc.host=${system.host}`;
  const ids = (await docker(['ps', '--quiet', '--filter', label])).trim().split('\n');
  const text = await docker(['stats', '--no-stream', '--format', '{{.MemUsage}}', ...ids]);
  const factors: Readonly<Record<string, number>> = { KiB: 1 / 1024, MiB: 1, GiB: 1024 };
  return [...text.matchAll(/^([\d.]+)([KMG]iB) \//gm)]
    .map(([, value, unit]) => (Number(value) * (factors[unit ?? ''] ?? 0) * 1024 ** 2) / 1e6)
    .reduce((sum, value) => sum + value, 0);
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
