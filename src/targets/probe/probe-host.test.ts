/** What the probes make of servers that a real mail system would not be: test/e2e/probes has the real one. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { aMailSystem } from '../../../test/support/a-mail-system.ts';
import { portNames } from '../../model/mail-system.ts';
import { probeHost } from './probe-host.ts';
import { type ProbeResult, probeFailures } from './probe-result.ts';

const none = Object.fromEntries(portNames.map((name) => [name, null]));
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server that greets, and answers each line as `answer` says; `visit` counts its clients from 1. */
async function aServer(greeting: string, answer: (line: string, visit: number) => string): Promise<number> {
  let visits = 0;
  const server = createServer((socket: Socket) => {
    const visit = ++visits;
    socket.on('error', () => {});
    socket.write(greeting);
    socket.on('data', (data) => {
      for (const line of data.toString('latin1').split('\r\n').slice(0, -1)) {
        const reply = answer(line, visit);
        socket.write(reply);
        if (line === 'QUIT') socket.end();
      }
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Asks the server as port 25 of a host without TLS, once. */
async function probeSmtpAt(port: number, deepTests = false): Promise<ProbeResult | undefined> {
  const system = aMailSystem({
    hosts: [{ name: 'mail.example.com', tls: null, ports: { ...none, smtp: port } }],
    postscreen: { enabled: deepTests, deepTests, greetWait: 1 },
  });
  const [host] = system.hosts;
  if (host === undefined) throw new Error('no host');
  const signal = new AbortController().signal;
  const results = await probeHost({ system, host, secrets: new Map(), interrupted: signal, patience: 0 });
  return results.find(({ listener }) => listener === 'smtp');
}

/** As Postfix answers on port 25. */
function postfix(line: string): string {
  if (line.startsWith('EHLO')) return '250-mail.example.com\r\n250 SIZE 1000\r\n';
  if (line.startsWith('RCPT TO:<nobody@relay.')) return '554 5.7.1 <x>: Relay access denied\r\n';
  if (line.startsWith('RCPT')) return '550 5.1.1 <x>: User unknown in virtual mailbox table\r\n';
  return line === 'QUIT' ? '221 2.0.0 Bye\r\n' : '250 2.1.0 Ok\r\n';
}

const banner = '220 mail.example.com ESMTP\r\n';

describe('the probe of port 25', () => {
  it('passes what refuses as it must', async () => {
    expect(await probeSmtpAt(await aServer(banner, postfix))).toMatchObject({
      outcome: 'proved',
      message: 'greets, without TLS; refuses to relay, and mail to nobody',
    });
  });

  it('finds a server of another name behind the port', async () => {
    const port = await aServer('220 other.example.com ESMTP\r\n', postfix);
    expect(await probeSmtpAt(port)).toMatchObject({
      outcome: 'failed',
      message: 'the greeting names "other.example.com"',
    });
  });

  it('finds a server that relays', async () => {
    const port = await aServer(banner, (line) =>
      line.startsWith('RCPT TO:<nobody@relay.') ? '250 2.1.5 Ok\r\n' : postfix(line),
    );
    expect((await probeSmtpAt(port))?.message).toBe(
      'a foreign domain, nobody@relay.mailc.invalid, is accepted: "250 2.1.5 Ok"',
    );
  });

  it('takes no temporary error for a refusal', async () => {
    const port = await aServer(banner, (line) =>
      line.startsWith('RCPT') ? '451 4.3.0 <x>: Temporary lookup failure\r\n' : postfix(line),
    );
    expect((await probeSmtpAt(port))?.message).toBe(
      'an unknown user, mailc-nobody@example.com, is answered "451 4.3.0 <x>: Temporary lookup failure"',
    );
  });

  it.each([
    {
      store: 'away',
      expected: {
        outcome: 'unproved',
        message: expect.stringMatching(/^not proved, since host store\./),
      },
    },
    { store: 'there', expected: { outcome: 'failed' } },
  ])(
    'blames a temporary error on another host only where that is away: $store',
    async ({ store, expected }) => {
      const port = await aServer(banner, (line) =>
        line.startsWith('RCPT') ? '451 4.3.0 <x>: Temporary lookup failure\r\n' : postfix(line),
      );
      const storePort = await aServer('* OK ready\r\n', () => '');
      if (store === 'away') await new Promise((resolve) => servers.pop()?.close(resolve));
      const tls = { certificate: '/srv/tls/chain.pem', key: '/srv/tls/key.pem' };
      const system = aMailSystem({
        hosts: [
          { name: 'mail.example.com', services: ['postfix'], tls: null, ports: { ...none, smtp: port } },
          {
            name: 'store.example.com',
            services: ['dovecot', 'postgres'],
            tls,
            ports: { ...none, imaps: storePort },
          },
        ],
        postscreen: { enabled: false, deepTests: false, greetWait: 1 },
      });
      const [host] = system.hosts;
      if (host === undefined) throw new Error('no host');
      const [result] = await probeHost({
        system,
        host,
        secrets: new Map(),
        interrupted: new AbortController().signal,
        patience: 0,
        address: () => '127.0.0.1',
      });
      expect(result).toMatchObject(expected);
    },
  );

  it('finds a login where other servers hand in mail', async () => {
    const port = await aServer(banner, (line) =>
      line.startsWith('EHLO') ? '250-mail.example.com\r\n250 AUTH PLAIN\r\n' : postfix(line),
    );
    expect((await probeSmtpAt(port))?.message).toBe('a login is offered');
  });

  it("waits through postscreen's greeting, and comes again when it is told to", async () => {
    const port = await aServer(`220-mail.example.com ESMTP\r\n${banner}`, (line, visit) =>
      line.startsWith('RCPT') && visit === 1 ? '450 4.3.2 Service currently unavailable\r\n' : postfix(line),
    );
    expect(await probeSmtpAt(port, true)).toMatchObject({ outcome: 'proved' });
  });

  it('finds a postscreen that lets nobody through', async () => {
    const port = await aServer(banner, (line) =>
      line.startsWith('RCPT') ? '450 4.3.2 Service currently unavailable\r\n' : postfix(line),
    );
    expect((await probeSmtpAt(port, true))?.message).toBe(
      'every client is told "450 4.3.2 Service currently unavailable"',
    );
  });

  it('shows what a hostile server says without letting it near the terminal', async () => {
    const port = await aServer('554 \u001b[2Jgo away\r\n', postfix);
    expect((await probeSmtpAt(port))?.message).toBe('the greeting is "554 \\u{1b}[2Jgo away"');
  });

  it.each([
    ['talks without end', '220-mail.example.com and more\r\n'.repeat(5000)],
    ['sends one endless line', '2'.repeat(200_000)],
  ])('leaves a server that %s', async (_, greeting) => {
    expect(await probeSmtpAt(await aServer(greeting, postfix))).toMatchObject({ outcome: 'failed' });
  });

  it('says where nothing answers', async () => {
    const port = await aServer(banner, postfix);
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
    expect((await probeSmtpAt(port))?.message).toBe(
      `nothing answers at 127.0.0.1 port ${port} (ECONNREFUSED)`,
    );
  });
});

describe('what failed', () => {
  it('is an error for each, at the host in mail.yaml', () => {
    const [host] = aMailSystem().hosts;
    if (host === undefined) throw new Error('no host');
    const results: readonly ProbeResult[] = [
      { listener: 'imap', outcome: 'proved', took: 5, message: 'greets' },
      { listener: 'smtp', outcome: 'failed', took: 20_000, message: 'a login is offered' },
    ];
    expect(probeFailures(host, results)).toMatchObject([
      {
        code: 'probe-failed',
        message: 'smtp of host "mail.example.com": a login is offered',
        position: host.source,
      },
    ]);
  });
});
