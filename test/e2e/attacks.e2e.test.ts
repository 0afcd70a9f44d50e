// What people with bad intentions try: to hear passwords or to guess them, and SMTP as nobody should speak it.

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
import { Conversation, type Peer } from './support/conversation.ts';
import type { Expected } from './support/log-lines.ts';
import { passwords } from './support/organisation.ts';
import { queueIsEmpty } from './support/queue.ts';
import { describeWorld, type World } from './support/shared.ts';

/** Where the one comes from who guesses. */
const guesser = 242;

/** What the attempts leave in the logs. */
const caused: readonly Expected[] = [
  {
    line: new RegExp(
      `warning: \\S+\\.${guesser}\\]: SASL PLAIN authentication failed: .*sasl_username=bob@example\\.com$`,
    ),
    reason: 'wrong passwords',
  },
  { line: /warning: non-SMTP command from .*: GET /, reason: 'the browser' },
  { line: /warning: .*message rejected: hopcount exceeded/, reason: 'the message that goes round' },
].map(({ line, reason }) => ({ service: 'postfix', line, reason }));

const plain = Buffer.from(`\0bob@example.com\0${passwords['bob@example.com']}`).toString('base64');

/** Those that take passwords behind STARTTLS. The first of `logins` is whole: the others lack a word or more. */
const protocols = [
  {
    protocol: 'SMTP',
    ...{ service: 'postfix', port: 587 },
    lastLine: /^\d{3} /,
    capabilities: { ask: 'EHLO x.example', lastLine: /^250 /, offered: /^250.AUTH.*$/m },
    logins: [`AUTH PLAIN ${plain}`, 'AUTH PLAIN', 'AUTH LOGIN'],
    refusal: /^530 5\.7\.0 Must issue a STARTTLS command first$/,
    startTls: 'STARTTLS',
    welcome: /^235 2\.7\.0 Authentication successful$/,
  },
  {
    protocol: 'IMAP',
    ...{ service: 'dovecot', port: 143 },
    lastLine: /^(a|\+|\* OK) /,
    capabilities: { ask: 'a CAPABILITY', lastLine: /^a /, offered: /AUTH=\S+/ },
    logins: [
      `a AUTHENTICATE PLAIN ${plain}`,
      'a AUTHENTICATE PLAIN',
      'a AUTHENTICATE LOGIN',
      `a LOGIN bob@example.com "${passwords['bob@example.com']}"`,
    ],
    refusal: /^a NO \[PRIVACYREQUIRED\] .*disallowed on non-secure/m,
    startTls: 'a STARTTLS',
    welcome: /^a OK .*Logged in$/m,
  },
  {
    protocol: 'POP3',
    ...{ service: 'dovecot', port: 110 },
    lastLine: /^(\+|-ERR)/,
    capabilities: { ask: 'CAPA', lastLine: /^\.$/, offered: /^(USER|SASL .+)$/m },
    logins: [`AUTH PLAIN ${plain}`, 'AUTH PLAIN', 'AUTH LOGIN', 'USER bob@example.com'],
    refusal: /^-ERR \[AUTH\] .*disallowed on non-secure/,
    startTls: 'STLS',
    welcome: /^\+OK Logged in\.$/,
  },
  {
    protocol: 'ManageSieve',
    ...{ service: 'dovecot', port: 4190 },
    lastLine: /^(OK|NO|BYE)\b/,
    capabilities: { ask: 'CAPABILITY', lastLine: /^OK/, offered: /^"SASL" ".+"$/m },
    logins: [`AUTHENTICATE "PLAIN" "${plain}"`, 'AUTHENTICATE "PLAIN"', 'AUTHENTICATE "LOGIN"'],
    refusal: /^NO \(ENCRYPT-NEEDED\) .*disallowed on non-secure/,
    startTls: 'STARTTLS',
    welcome: /^OK "Logged in\."$/,
  },
] as const;

describeWorld(
  'attacks',
  (start) => {
    let world: World;
    beforeAll(async () => {
      world = await start();
    });

    describe.concurrent('passwords in clear', () => {
      it('are not asked for on port 25, with TLS or without', async () => {
        const client = await connectOutside(world);
        for (const startTls of [false, true]) {
          if (startTls) expect(await client.startTls(tlsOf(world))).toMatchObject({ code: 220 });
          expect((await client.command('EHLO x.example')).text).not.toContain('AUTH');
          expect(await client.authPlain('bob@example.com', passwords['bob@example.com'])).toEqual({
            code: 503,
            text: '5.5.1 Error: authentication not enabled',
          });
        }
        await client.quit();
      });

      const ways = [
        {
          way: 'from outside',
          peerOf: async (service: string, port: number): Promise<Peer> => {
            const [host, from] = [await world.addressOf(service), await world.outsideAddress(243)];
            return { host, port, from };
          },
        },
        // Some servers take this for a secure way.
        {
          way: 'from the host itself',
          peerOf: async (_: string, port: number): Promise<Peer> => ({
            host: '127.0.0.1',
            port: publishedAt(port),
          }),
        },
      ];
      it.each(ways.flatMap((way) => protocols.map((protocol) => ({ ...way, ...protocol }))))(
        'are not taken by $protocol $way before TLS, in whatever words, and behind it they are',
        async ({
          peerOf,
          protocol,
          service,
          port,
          lastLine,
          capabilities,
          logins,
          refusal,
          startTls,
          welcome,
        }) => {
          const enter = async () => {
            const conversation = await Conversation.open(await peerOf(service, port));
            const answer = async (last: RegExp = lastLine): Promise<string> => {
              const lines: string[] = [];
              for (let line = await conversation.line(); line !== null; line = await conversation.line()) {
                lines.push(line);
                if (last.test(line)) break;
              }
              return lines.join('\n');
            };
            const say = (line: string, last?: RegExp): Promise<string> => {
              conversation.write(`${line}\r\n`);
              return answer(last);
            };
            await answer();
            return { conversation, answer, say };
          };

          const clear = await enter();
          expect(await clear.say(capabilities.ask, capabilities.lastLine)).not.toMatch(capabilities.offered);
          for (const login of logins) expect(await clear.say(login), login).toMatch(refusal);
          clear.conversation.close();

          // On another connection: Dovecot does not forgive one on which a password was to be heard.
          const { conversation, answer, say } = await enter();
          await say(startTls);
          await conversation.upgrade(tlsOf(world));
          if (protocol === 'ManageSieve') await answer(); // greets again
          expect(await say(capabilities.ask, capabilities.lastLine)).toMatch(capabilities.offered);
          expect(await say(logins[0])).toMatch(welcome);
          conversation.close();
        },
      );

      it('are of no use when wrong', async () => {
        const client = await connectSubmission(world, await world.outsideAddress(guesser));
        for (const password of ['wrong', '']) {
          expect(await client.authPlain('bob@example.com', password)).toMatchObject({ code: 535 });
        }
        expect(await client.command('MAIL FROM:<bob@example.com>')).toMatchObject({ code: 530 });
        expect(await client.command('RCPT TO:<alice@example.com>')).toMatchObject({ code: 503 });
        await client.quit();
      });
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
        expect(lines.at(-1)).toBe('550 5.5.1 Protocol error');
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
        expect(lines.at(-1)).toBe('554 5.5.0 Error: SMTP protocol synchronization');
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
        const disabled = { code: 502, text: '5.5.1 VRFY command is disabled' };
        expect(await client.command('VRFY bob@example.com')).toEqual(disabled);
        expect(await client.command('VRFY <bob@example.com>')).toEqual(disabled);
        expect(await client.command('EXPN team@example.com')).toEqual({
          code: 500,
          text: '5.5.2 Error: command not recognized',
        });
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
        expect(reply).toEqual({ code: 554, text: '5.4.0 Error: too many hops' });
        await queueIsEmpty(world);
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

/** On the host, by the port that the container has. */
function publishedAt(port: number): number {
  return 20_000 + port;
}
