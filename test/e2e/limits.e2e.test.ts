// What a client may ask for and no more: lengths, numbers, tries; and the one name by which the host is
// known everywhere.

import { beforeAll, expect, it } from 'vitest';
import {
  connectOutside,
  connectSubmission,
  messageIn,
  messageOf,
  messagesIn,
  receive,
  submit,
  tlsOf,
} from './support/clients.ts';
import { dovecotLogins, logIn, submission } from './support/log-in.ts';
import type { Expected } from './support/log-lines.ts';
import { passwords } from './support/organisation.ts';
import { queueIsEmpty } from './support/queue.ts';
import { describeWorld, type World } from './support/shared.ts';
import { SieveClient } from './support/sieve-client.ts';
import { SmtpClient } from './support/smtp-client.ts';

const caused: readonly Expected[] = [
  {
    service: 'postfix',
    line: /warning: .* request longer than 2048/,
    reason: 'a command line that is too long',
  },
  { service: 'postfix', line: /warning: .* SASL PLAIN authentication failed/, reason: 'wrong passwords' },
  { service: 'postfix', line: /warning: AUTH command rate limit exceeded/, reason: 'too many tries' },
];

describeWorld(
  'limits',
  (start) => {
    let world: World;
    beforeAll(async () => {
      world = await start();
    });

    it('the name in the greeting, in EHLO to others and in the certificate are one', async () => {
      const client = await connectOutside(world);
      expect(client.greeting.text).toContain(world.host);
      expect((await client.command('EHLO x.example')).text.split('\n')[0]).toBe(world.host);
      await client.quit();
      await submit(world, 'bob@example.com', { to: 'someone@elsewhere.example', subject: 'by which name' });
      expect((await world.outside.message('Subject: by which name')).helo).toBe(world.host);
    });

    // Each waits a good part of its time, as Postfix makes the clients of some of them wait.
    it.concurrent('a message has a thousand recipients at most', async () => {
      const client = await connectOutside(world);
      await client.command('MAIL FROM:<someone@elsewhere.example>');
      for (let n = 0; n < 1000; n += 1) client.conversation.write('RCPT TO:<bob@example.com>\r\n');
      const codes = new Map<number, number>();
      for (let n = 0; n < 1000; n += 1) {
        const { code } = await client.reply();
        codes.set(code, (codes.get(code) ?? 0) + 1);
      }
      expect(codes).toEqual(new Map([[250, 1000]]));
      expect(await client.command('RCPT TO:<bob@example.com>')).toMatchObject({ code: 452 });
      await client.quit();
    }, 120_000);

    it.concurrent('a line of any length arrives, however many pieces it is in', async () => {
      const body = `${'long '.repeat(20_000)}end of the line`;
      expect(await receive(world, { to: 'bob@example.com', subject: 'a long line', body })).toMatchObject({
        code: 250,
      });
      const { raw } = await messageIn(world, 'bob@example.com', 'a long line');
      expect(raw.slice(raw.search(/\r?\n\r?\n/)).replace(/\r?\n ?/g, '')).toContain('end of the line');
    });

    it.concurrent('a command line beyond what Postfix reads is cut, and what it says is not done', async () => {
      const client = await connectOutside(world);
      const reply = await client.command(`MAIL FROM:<${'x'.repeat(4000)}@elsewhere.example>`);
      expect(reply.code).toBeGreaterThanOrEqual(500);
      await client.quit();
    });

    it.concurrent('a client that only makes mistakes is sent away', async () => {
      const client = await connectOutside(world);
      const codes: number[] = [];
      for (let n = 0; n < 25; n += 1) {
        const { code } = await client.command('FROBNICATE');
        codes.push(code);
        if (code === 421 || code === 0) break;
      }
      client.conversation.close();
      expect(codes.at(-1)).toBe(421);
    }, 60_000);

    it.concurrent('passwords are tried thirty times a minute at most', async () => {
      const from = await world.outsideAddress(230);
      const host = await world.addressOf('postfix');
      const attempt = async (): Promise<number> => {
        const client = await SmtpClient.connect({ host, port: 587, from });
        await client.command('EHLO guesser.example');
        await client.startTls(tlsOf(world));
        await client.command('EHLO guesser.example');
        const { code } = await client.authPlain('bob@example.com', 'a guess');
        await client.quit();
        return code;
      };
      const codes: number[] = [];
      for (let n = 0; n < 4; n += 1) codes.push(...(await Promise.all(Array.from({ length: 10 }, attempt))));
      expect(codes.filter((code) => code === 535)).toHaveLength(30);
      expect(codes.filter((code) => code === 450)).toHaveLength(10);
      // Whoever is somewhere else can still log in.
      const client = await connectSubmission(world);
      expect(await client.authPlain('bob@example.com', passwords['bob@example.com'])).toMatchObject({
        code: 235,
      });
      await client.quit();
    }, 120_000);

    it.concurrent('each wrong password makes an address wait longer, by any protocol of Dovecot', async () => {
      const waits: number[] = [];
      for (const protocol of dovecotLogins) {
        const begin = performance.now();
        const reply = await logIn(world, protocol, 227, 'bob@example.com', `guess by ${protocol.name}`);
        waits.push(performance.now() - begin);
        expect(reply).toMatch(protocol.refusal);
      }
      // Two seconds for being wrong, and before that up to 4 and 8 for the guesses that were wrong already.
      const atLeast = [1500, 4000, 8000];
      expect(waits.filter((wait, guess) => wait < (atLeast[guess] ?? 0))).toEqual([]);
      // Whoever is somewhere else waits for none of it.
      for (const protocol of dovecotLogins) {
        const begin = performance.now();
        const reply = await logIn(world, protocol, 228, 'bob@example.com', passwords['bob@example.com']);
        expect(reply).toMatch(protocol.success);
        expect(performance.now() - begin).toBeLessThan(4000);
      }
    }, 120_000);

    it.concurrent.each(
      [submission, ...dovecotLogins].flatMap((protocol, number) =>
        ['bòb@example.com', 'bob@exämple.com'].map((user, other) => ({
          ...protocol,
          user,
          from: 240 + 2 * number + other,
        })),
      ),
    )('by $name, $user is a login name like any other that does not exist', async (attempt) => {
      expect(await logIn(world, attempt, attempt.from, attempt.user, 'bob: Tr0ub4dor&3')).toMatch(
        attempt.refusal,
      );
    });

    it.each([
      { as: 'smith@example.net', code: 250 },
      { as: 'team@example.net', code: 553 },
    ])('bob sends as $as, of an alias domain: $code', async ({ as, code }) => {
      const mail = { from: as, to: 'alice@example.com', subject: `by another name, ${as}` };
      expect(await submit(world, 'bob@example.com', mail)).toMatchObject({ code });
    });

    it("a script's refusal comes from the user, and its message is not stored", async () => {
      const sieve = await SieveClient.login(world, 'learner@example.com');
      const script = 'require "reject";\r\nreject "Nobody reads this.";\r\n';
      expect(await sieve.install(script)).toMatch(/^OK/);
      await receive(world, { to: 'learner@example.com', subject: 'refused by a script' });
      const { raw, from } = await world.outside.message('Nobody reads this.');
      expect(from).toBe('');
      expect(raw).toContain('message/disposition-notification');
      await queueIsEmpty(world);
      expect(await messagesIn(world, 'learner@example.com', 'refused by a script')).toEqual([]);
      await sieve.deactivate();
      sieve.close();
    });

    it('a detail stays with the address on its way through an alias', async () => {
      const client = await connectOutside(world);
      const mail = messageOf({ to: 'smith+news@example.net', subject: 'with a detail' });
      await client.send('someone@elsewhere.example', ['smith+news@example.net'], mail);
      await client.quit();
      await messageIn(world, 'bob@example.com', 'with a detail');
      const log = await world.logsOf('postfix');
      expect(log).toMatch(/to=<bob\+news@example\.com>, orig_to=<smith\+news@example\.net>/);
    });
  },
  caused,
);
