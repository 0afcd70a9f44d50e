// What people with bad intentions try, from outside, from the host itself, and from a container beside ours.

import { beforeAll, describe, expect, it } from 'vitest';
import {
  connectOutside,
  connectSubmission,
  imapOf,
  messageIn,
  messageOf,
  messagesIn,
  submit,
  tlsOf,
} from './support/clients.ts';
import { Conversation } from './support/conversation.ts';
import type { Expected } from './support/log-lines.ts';
import { passwords } from './support/organisation.ts';
import { queueIsEmpty } from './support/queue.ts';
import { tryRun } from './support/run.ts';
import { describeWorld, type World } from './support/shared.ts';
import { SieveClient } from './support/sieve-client.ts';
import { SmtpClient } from './support/smtp-client.ts';

/** Forms that some server, some day, took for a way out (RFC 5321 sections 3.6.1 and 4.1.2, and habits before it). */
const relayForms = [
  'victim@elsewhere.example',
  'victim%elsewhere.example@example.com',
  'victim%elsewhere.example@mail.example.com',
  'victim%elsewhere.example@[127.0.0.1]',
  'victim@elsewhere.example@example.com',
  '"victim@elsewhere.example"@example.com',
  '"victim@elsewhere.example"',
  '@example.com:victim@elsewhere.example',
  'elsewhere.example!victim@example.com',
  'elsewhere.example!victim',
  'victim@[172.29.77.200]',
  'victim@172.29.77.200',
  'victim@elsewhere.example.',
];

/** What the attempts leave in the logs. */
const caused: readonly Expected[] = [
  { line: /warning: Illegal address syntax from/, reason: 'forms of addresses that are none' },
  { line: /warning: .* SASL PLAIN authentication failed/, reason: 'wrong passwords' },
  { line: /warning: non-SMTP command from .*: GET /, reason: 'the browser' },
  { line: /warning: .*message rejected: hopcount exceeded/, reason: 'the message that goes round' },
].map(({ line, reason }) => ({ service: 'postfix', line, reason }));

describeWorld(
  'attacks',
  (start) => {
    let world: World;
    beforeAll(async () => {
      world = await start();
    });

    /** The relay attempt in each form, over a connection of whatever kind; every one must be refused for good. */
    const tryToRelay = async (client: SmtpClient, from: string): Promise<void> => {
      for (const form of relayForms) {
        await client.command('RSET');
        const sender = await client.command(`MAIL FROM:<${from}>`);
        const reply = sender.code >= 400 ? sender : await client.command(`RCPT TO:<${form}>`);
        expect(reply.code, `${form}: ${reply.text}`).toSatisfy((code: number) => code >= 500 && code < 600);
      }
      await client.quit();
    };

    // Postfix answers one who makes mistakes more and more slowly, so all of them at once.
    describe.concurrent('an open relay', () => {
      it.each(['someone@elsewhere.example', 'bob@example.com', ''])(
        'is not to be found on port 25, as <%s>',
        async (from) => tryToRelay(await connectOutside(world), from),
      );

      it('is not to be found on port 587 without a login', async () => {
        await tryToRelay(await connectSubmission(world), 'bob@example.com');
      });

      it('is not to be found on port 465 without a login', async () => {
        const host = await world.addressOf('postfix');
        const client = await SmtpClient.connect({ host, port: 465, tls: tlsOf(world) });
        await client.command('EHLO attacker.example');
        await tryToRelay(client, 'bob@example.com');
      });

      it('is not to be found over IPv6', async () => {
        const client = await SmtpClient.connect({ host: await world.addressOf6('postfix'), port: 25 });
        await client.command('EHLO attacker.example');
        await tryToRelay(client, 'someone@elsewhere.example');
      });

      it.each(['127.0.0.1', '::1'])(
        'is not to be found from the host by %s, where clients seem to be the Docker gateway',
        async (host) => {
          const client = await SmtpClient.connect({ host, port: 20025 });
          await client.command('EHLO attacker.example');
          await tryToRelay(client, 'someone@elsewhere.example');
        },
      );

      it.each([25, 10025])('is not to be found from another container on port %d', async (port) => {
        const replies = await fromSibling(world, 'postfix', port, [
          'EHLO attacker.example',
          'MAIL FROM:<someone@elsewhere.example>',
          'RCPT TO:<victim@elsewhere.example>',
          'RCPT TO:<victim%elsewhere.example@example.com>',
          'RSET',
          'MAIL FROM:<bob@example.com>',
          'RCPT TO:<victim@elsewhere.example>',
          'QUIT',
        ]);
        expect(replies).not.toMatch(/^250 2\.1\.5/m);
        expect(replies).toMatch(/^554 5\.7\.1 .*Relay access denied/m);
      });

      it('is not opened by a login either: others cannot be sent as', async () => {
        const client = await connectSubmission(world);
        await client.authPlain('bob@example.com', passwords['bob@example.com']);
        expect(await client.command('MAIL FROM:<alice@example.com>')).toMatchObject({ code: 553 });
        expect((await client.command('RCPT TO:<victim@elsewhere.example>')).code).toBeGreaterThanOrEqual(500);
        await client.quit();
      });
    });

    describe.concurrent('internal ports', () => {
      it('are not published', async () => {
        const published = await tryRun(['docker', 'ps', '--format', '{{.Names}} {{.Ports}}']);
        const ports = [...published.stdout.matchAll(/(?:0\.0\.0\.0|\[?::\]?):(\d+)->/g)].map((match) =>
          Number(match[1]),
        );
        expect([...new Set(ports)].sort((a, b) => a - b)).toEqual([
          20025, 20110, 20143, 20465, 20587, 20993, 20995, 24190,
        ]);
      });
    });

    describe.concurrent('passwords in clear', () => {
      it('are not asked for on port 25, with TLS or without', async () => {
        const client = await connectOutside(world);
        expect((await client.command('EHLO x.example')).text).not.toContain('AUTH');
        expect(
          (await client.authPlain('bob@example.com', passwords['bob@example.com'])).code,
        ).toBeGreaterThanOrEqual(500);
        expect(await client.startTls(tlsOf(world))).toMatchObject({ code: 220 });
        expect((await client.command('EHLO x.example')).text).not.toContain('AUTH');
        await client.quit();
      });

      it('are refused on port 587 before TLS', async () => {
        const client = await SmtpClient.connect({ host: await world.addressOf('postfix'), port: 587 });
        expect((await client.command('EHLO x.example')).text).not.toContain('AUTH');
        expect(await client.authPlain('bob@example.com', passwords['bob@example.com'])).toMatchObject({
          code: 530,
        });
        await client.quit();
      });

      it.each([
        {
          protocol: 'IMAP',
          port: 143,
          say: 'a LOGIN bob@example.com secret',
          refusal: /^a NO \[PRIVACYREQUIRED\]/,
        },
        { protocol: 'POP3', port: 110, say: 'USER bob@example.com', refusal: /^-ERR/ },
      ])('are refused by $protocol before TLS', async ({ port, say, refusal }) => {
        const conversation = await Conversation.open({ host: await world.addressOf('dovecot'), port });
        await conversation.line();
        conversation.write(`${say}\r\n`);
        const lines = [await conversation.line()];
        while (lines.at(-1)?.startsWith('*')) lines.push(await conversation.line());
        conversation.close();
        expect(lines.at(-1)).toMatch(refusal);
      });

      it('are refused by ManageSieve before TLS', async () => {
        const { client, capabilities } = await SieveClient.connect(world);
        expect(capabilities).toContain('"SASL" ""');
        const words = Buffer.from('\0bob@example.com\0secret').toString('base64');
        expect(await client.command(`AUTHENTICATE "PLAIN" "${words}"`)).toMatch(/^NO/m);
        client.close();
      });

      it('are of no use when wrong', async () => {
        const client = await connectSubmission(world);
        expect(await client.authPlain('bob@example.com', 'wrong')).toMatchObject({ code: 535 });
        expect(await client.authPlain('bob@example.com', '')).toMatchObject({ code: 535 });
        expect(await client.command('MAIL FROM:<bob@example.com>')).toMatchObject({
          code: expect.any(Number),
        });
        expect((await client.command('RCPT TO:<alice@example.com>')).code).toBeGreaterThanOrEqual(500);
        await client.quit();
      });
    });

    describe.concurrent('SMTP smuggling', () => {
      const endings = ['\n.\n', '\n.\r\n', '\r\n.\n', '\r.\r', '\r\n.\r', '\n.\r', '\r.\r\n', '\r.\n'];
      it.each(endings.map((ending) => ({ name: JSON.stringify(ending), ending })))(
        'into the system by $name yields one message at most',
        async ({ name, ending }) => {
          const subject = `carrier ${name.replaceAll('\\', '').replaceAll('"', '')}`;
          const client = await connectOutside(world);
          await client.command('MAIL FROM:<someone@elsewhere.example>');
          await client.command('RCPT TO:<bob@example.com>');
          await client.command('DATA');
          const smuggled = [
            'MAIL FROM:<ceo@bank.example>',
            'RCPT TO:<bob@example.com>',
            'DATA',
            'Subject: smuggled',
            '',
            'Pay at once.',
            '.',
            '',
          ].join('\r\n');
          client.conversation.write(
            `${messageOf({ to: 'bob@example.com', subject })}body${ending}${smuggled}`,
          );
          expect((await client.reply()).code).toBeGreaterThanOrEqual(250);
          await client.quit();
          await queueIsEmpty(world);
          expect(await messagesIn(world, 'bob@example.com', 'smuggled')).toEqual([]);
          expect((await messagesIn(world, 'bob@example.com', subject)).length).toBeLessThanOrEqual(1);
        },
      );

      it.each(endings.map((ending) => ({ name: JSON.stringify(ending), ending })))(
        'out of the system by $name is made harmless',
        async ({ name, ending }) => {
          const subject = `outgoing ${name.replaceAll('\\', '').replaceAll('"', '')}`;
          const client = await connectSubmission(world);
          await client.authPlain('bob@example.com', passwords['bob@example.com']);
          await client.command('MAIL FROM:<bob@example.com>');
          await client.command('RCPT TO:<someone@elsewhere.example>');
          await client.command('DATA');
          const mail = messageOf({ from: 'bob@example.com', to: 'someone@elsewhere.example', subject });
          client.conversation.write(`${mail}body${ending}MAIL FROM:<ceo@bank.example>\r\nlast line\r\n.\r\n`);
          const reply = await client.reply();
          await client.quit();
          if (reply.code !== 250) return;
          const { raw } = await world.outside.message(`Subject: ${subject}`);
          expect(raw).toContain('last line');
          expect(raw).not.toMatch(/(?<!\r)\n|\r(?!\n)/);
        },
      );
    });

    describe.concurrent('other abuse of SMTP', () => {
      it('to talk before the greeting is refused', async () => {
        const from = await world.outsideAddress(213);
        const conversation = await Conversation.open({
          host: await world.addressOf('postfix'),
          port: 25,
          from,
        });
        conversation.write(
          'EHLO robot.example\r\nMAIL FROM:<x@elsewhere.example>\r\nRCPT TO:<bob@example.com>\r\n',
        );
        const lines: (string | null)[] = [];
        for (let line = await conversation.line(); line !== null; line = await conversation.line()) {
          lines.push(line);
          if (/^(550|521|554)/.test(line)) break;
        }
        conversation.close();
        expect(lines.at(-1)).toMatch(/^(550|521|554) 5/);
      });

      it('to pipeline without being allowed is refused', async () => {
        const conversation = await Conversation.open({
          host: await world.addressOf('postfix'),
          port: 25,
          from: world.outside.address,
        });
        await conversation.line();
        conversation.write(
          'HELO x.example\r\nMAIL FROM:<a@elsewhere.example>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n',
        );
        const lines: (string | null)[] = [];
        for (let line = await conversation.line(); line !== null; line = await conversation.line()) {
          lines.push(line);
          if (/^[345]/.test(line)) break;
        }
        conversation.close();
        expect(lines.at(-1)).toMatch(/^(503|521|554)/);
      });

      it('a browser that was led here is sent away', async () => {
        const conversation = await Conversation.open({
          host: await world.addressOf('postfix'),
          port: 25,
          from: world.outside.address,
        });
        await conversation.line();
        conversation.write('GET / HTTP/1.1\r\nHost: mail.example.com\r\n\r\n');
        expect(await conversation.hungUp(10_000)).toBe(true);
        conversation.close();
      });

      it('addresses are not to be had by VRFY and EXPN', async () => {
        const client = await connectOutside(world);
        for (const command of ['VRFY bob@example.com', 'VRFY <bob@example.com>', 'EXPN team@example.com']) {
          expect((await client.command(command)).code, command).toBeGreaterThanOrEqual(500);
        }
        await client.quit();
      });

      it('a message beyond the limit is refused, when it is announced and when it is sent', async () => {
        const client = await connectOutside(world);
        expect(await client.command('MAIL FROM:<a@elsewhere.example> SIZE=3000000')).toMatchObject({
          code: 552,
        });
        const body = `${'x'.repeat(70)}\r\n`.repeat(32_000);
        const mail = messageOf({ to: 'bob@example.com', subject: 'too large', body });
        expect(await client.send('a@elsewhere.example', ['bob@example.com'], mail)).toMatchObject({
          code: 552,
        });
        await client.quit();
      });

      it('SMTPUTF8, BDAT and, from outside, delivery reports are not offered', async () => {
        const client = await connectOutside(world);
        expect((await client.command('EHLO x.example')).text).not.toMatch(/SMTPUTF8|CHUNKING|DSN|ETRN/);
        await client.quit();
      });

      it('a message that has gone round fifty times goes no further', async () => {
        const headers = Array.from(
          { length: 60 },
          (_, n) => `Received: from h${n}.example by h${n + 1}.example; ${new Date().toUTCString()}`,
        );
        const client = await connectOutside(world);
        const mail = messageOf({ to: 'bob@example.com', subject: 'round and round', headers });
        const reply = await client.send('someone@elsewhere.example', ['bob@example.com'], mail);
        await client.quit();
        if (reply.code === 250) await queueIsEmpty(world);
        expect(await messagesIn(world, 'bob@example.com', 'round and round')).toEqual([]);
      });
    });

    it('a hostile folder name stays inside the mailbox', async () => {
      const client = await imapOf(world, 'bob@example.com');
      await expect(client.mailboxCreate('../../carol/mail/INBOX')).rejects.toThrow();
      await client.logout();
      await submit(world, 'bob@example.com', { to: 'carol@example.org', subject: 'still fine' });
      await messageIn(world, 'carol@example.org', 'still fine');
    });
  },
  caused,
);

/** Says these lines from a container beside ours, which is in the mail network and nothing else. */
async function fromSibling(
  world: World,
  container: string,
  port: number,
  lines: readonly string[],
): Promise<string> {
  const script = [
    `exec 3<>/dev/tcp/${container}/${port}`,
    // Only one who waits for the greeting and for each reply is heard to the end.
    'read -r -t 10 line <&3; echo "$line"; case $line in *-*) read -r -t 10 line <&3; echo "$line";; esac',
    ...lines.map(
      (line) =>
        `printf '%s\\r\\n' '${line}' >&3; while read -r -t 10 line <&3; do echo "$line"; case $line in [0-9][0-9][0-9]" "*) break;; esac; done`,
    ),
  ].join('\n');
  const { stdout } = await tryRun(
    [
      ...[
        'timeout',
        '-k',
        '2',
        '60',
        'docker',
        'run',
        '--rm',
        '--init',
        '--network',
        world.system.network.name,
      ],
      ...['--entrypoint', 'bash', world.system.images.dovecot, '-c', script],
    ],
    { timeoutMs: 70_000 },
  );
  return stdout.replaceAll('\r', '');
}
