// Two hosts of one mail system: machines with systemd and Docker, a network between them, and a swarm that store manages.

import { readFileSync } from 'node:fs';
import { ImapFlow } from 'imapflow';
import { builtImage } from '../../../src/targets/docker-build.ts';
import { type DnsServer, startDnsServer } from './dns-server.ts';
import { hashOf } from './hash-of.ts';
import { docker, eventually, run, tryRun } from './run.ts';
import { smallPasswords } from './small-organisation.ts';
import { type Reply, SmtpClient } from './smtp-client.ts';
import { aSystemdHost, removeSystemdHost, type SystemdHost } from './systemd-host.ts';

export interface TwoHosts {
  readonly mx: SystemdHost;
  readonly store: SystemdHost;
  /** Commits the same mail.yaml on both, or on those that are there. */
  readonly commit: (settings?: TwoHostsSettings, on?: readonly SystemdHost[]) => Promise<void>;
  /** What mx needs goes through a pipe, as docs/secrets.md says. */
  readonly carrySecrets: () => Promise<void>;
  /** From elsewhere.example to port 25 of mx: the first reply that refused something, or the last. */
  readonly receive: (to: string, subject: string) => Promise<Reply>;
  /** By port 587 of mx. */
  readonly submit: (user: TwoHostsUser, to: string, subject: string) => Promise<Reply>;
  /** Waits until IMAP of store has it in the INBOX; gives the message. */
  readonly read: (user: TwoHostsUser, subject: string) => Promise<string>;
  readonly remove: () => Promise<void>;
}

export interface TwoHostsSettings {
  readonly messageSize?: string;
  /** Whether carol is a user too. */
  readonly carol?: boolean;
  /** A port of mx. */
  readonly submissions?: number;
}

export const mxHost = 'mx.example.com';
export const storeHost = 'store.example.com';
const network = 'mailc-e2e-hosts';
const addresses = { mx: '172.29.80.11', store: '172.29.80.12', outside: '172.29.80.1' } as const;
const userPasswords = { ...smallPasswords, carol: 'carol: purple monkey' } as const;
export type TwoHostsUser = keyof typeof userPasswords;
/** Hashed once: another salt would be another password to a plan. */
const hashes = Object.fromEntries(
  Object.entries(userPasswords).map(([name, password]) => [name, hashOf(password)]),
);
/** Of a machine that other tests keep busy. */
const patience = 120_000;

export async function startTwoHosts(postgresImage: string): Promise<TwoHosts> {
  await removeTwoHosts();
  await docker(['network', 'create', '--subnet', '172.29.80.0/24', network]);
  const dns = await startDns();
  const host = (name: string, address: string, images: readonly string[]): Promise<SystemdHost> =>
    aSystemdHost({
      name,
      postgresImage,
      postfixImage: builtImage('postfix'),
      images,
      place: { network, address, dns: addresses.outside },
    });
  const [mx, store] = await Promise.all([
    host(mxHost, addresses.mx, [builtImage('postfix'), builtImage('opendkim')]),
    host(storeHost, addresses.store, [postgresImage, builtImage('dovecot')]),
  ]);
  const shim = readFileSync(new URL('../bin-without-esp/docker', import.meta.url), 'utf8');
  for (const machine of [mx, store]) {
    await machine.write('/usr/local/bin/docker', shim);
    await machine.run(['chmod', '755', '/usr/local/bin/docker']);
  }
  await joinSwarm(store, mx);
  return {
    mx,
    store,
    commit: async (settings = {}, on = [mx, store]) => {
      await Promise.all(on.map((host) => host.commit(mailYaml(mx, settings))));
    },
    carrySecrets: async () => {
      const exported = await store.run(['mailc', 'secrets', 'export', '--root', '/', '--for', mxHost]);
      await mx.run(['mailc', 'secrets', 'import', '--root', '/'], exported);
    },
    receive: async (to, subject) => {
      const client = await SmtpClient.connect({ host: addresses.mx, port: 25 });
      await client.command('EHLO mx.elsewhere.example');
      const reply = await client.send('someone@elsewhere.example', [to], messageOf(to, subject));
      await client.quit();
      return reply;
    },
    submit: (user, to, subject) => submitAt(mx, user, to, subject),
    read: (user, subject) => readFromInbox(store, user, subject),
    remove: async () => {
      await Promise.all([mx.remove(), store.remove()]);
      await dns.stop();
      if (process.env.MAILC_E2E_KEEP === undefined) await removeTwoHosts();
    },
  };
}

function mailYaml({ places }: SystemdHost, settings: TwoHostsSettings): string {
  const { messageSize = '5MB', carol = false, submissions = 465 } = settings;
  const { certificate, key, data } = places;
  const machine = `
    tls: { certificate: ${certificate}, key: ${key} }
    data: ${data}
    supervisor: systemd`;
  const users = (Object.keys(userPasswords) as TwoHostsUser[]).filter((name) => name !== 'carol' || carol);
  return `
version: 1
hosts:
  ${mxHost}:
    addresses: [${addresses.mx}]
    services: [postfix, opendkim]
    ports: { submissions: ${submissions} }${machine}
  ${storeHost}:
    addresses: [${addresses.store}]
    services: [postgres, dovecot]${machine}
network: { subnet: 172.29.81.0/24, subnet6: false }
images: { postgres: "${places.postgresImage}" }
postmaster: alice@example.com
mail: { message_size: ${messageSize} }
postscreen: { enabled: false }
spam: { enabled: false }
virus: { enabled: false }
domains:
  example.com: {}
users:
${users.map((name) => `  ${name}@example.com: { password: "${hashes[name]}" }\n`).join('')}`;
}

/** elsewhere.example can be answered: Postfix refuses senders that cannot. */
async function startDns(): Promise<DnsServer> {
  const bridge = `br-${(await docker(['network', 'inspect', '--format', '{{.Id}}', network])).slice(0, 12)}`;
  // A bridge without containers is down, and takes no packets for its own address either.
  await run(['ip', 'link', 'set', bridge, 'up']);
  const dns = await startDnsServer(addresses.outside);
  dns.add({
    'elsewhere.example': { MX: ['10 mx.elsewhere.example'] },
    'mx.elsewhere.example': { A: [addresses.outside] },
  });
  return dns;
}

async function joinSwarm(manager: SystemdHost, worker: SystemdHost): Promise<void> {
  await manager.run(['docker', 'swarm', 'init', '--advertise-addr', addresses.store]);
  const token = (await manager.run(['docker', 'swarm', 'join-token', '--quiet', 'worker'])).trim();
  await worker.run(['docker', 'swarm', 'join', '--token', token, `${addresses.store}:2377`]);
}

async function submitAt(mx: SystemdHost, user: TwoHostsUser, to: string, subject: string): Promise<Reply> {
  const client = await SmtpClient.connect({ host: addresses.mx, port: 587 });
  const from = `${user}@example.com`;
  const steps = [
    () => Promise.resolve(client.greeting),
    () => client.command('EHLO laptop.home.example'),
    () => client.startTls({ ca: mx.ca, servername: mxHost }),
    () => client.command('EHLO laptop.home.example'),
    () => client.authPlain(from, userPasswords[user]),
    () => client.send(from, [to], messageOf(to, subject, from)),
  ];
  let reply = client.greeting;
  for (const step of steps) {
    reply = await step();
    if (reply.code >= 400) break;
  }
  await client.quit();
  return reply;
}

async function readFromInbox(store: SystemdHost, user: TwoHostsUser, subject: string): Promise<string> {
  const client = new ImapFlow({
    host: addresses.store,
    port: 993,
    secure: true,
    tls: { ca: store.ca, servername: storeHost },
    auth: { user: `${user}@example.com`, pass: userPasswords[user] },
    logger: false,
  });
  // Whoever waits for an answer learns of it there.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.mailboxOpen('INBOX');
    return await eventually(
      `"${subject}" of ${user} at ${storeHost}`,
      async () => {
        await client.noop();
        const message = await client.fetchOne('*', { envelope: true, source: true });
        return message && message.envelope?.subject === subject && message.source?.toString('latin1');
      },
      patience,
    );
  } finally {
    await client.logout();
  }
}

function messageOf(to: string, subject: string, from = 'someone@elsewhere.example'): string {
  return [
    `From: <${from}>`,
    `To: <${to}>`,
    `Subject: ${subject}`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${subject.replace(/[^A-Za-z0-9]/g, '-')}@elsewhere.example>`,
    '',
    `This is the message "${subject}".`,
    '',
  ].join('\r\n');
}

/** What this run, or one that was killed, has left. */
async function removeTwoHosts(): Promise<void> {
  for (const name of [mxHost, storeHost]) await removeSystemdHost(name);
  await tryRun(['docker', 'network', 'rm', network]);
}
