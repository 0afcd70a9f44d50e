// Where a message goes: users, aliases, catch-alls, alias domains, details, quotas, disabled users, and who may
// send as whom.

import { beforeAll, describe, expect, it } from 'vitest';
import {
  connectOutside,
  connectSubmission,
  header,
  imapOf,
  messageIn,
  messageOf,
  messagesIn,
  receive,
  submit,
} from './support/clients.ts';
import { passwords, type UserName } from './support/organisation.ts';
import { queueIsEmpty } from './support/queue.ts';
import { senderPolicy } from './support/sender-policy.ts';
import { describeWorld, type World } from './support/shared.ts';

describeWorld(
  'the way of a message',
  (start) => {
    let world: World;
    beforeAll(async () => {
      world = await start();
    });

    /** How many copies of a message each user has, once nothing is under way any more. */
    const copies = async (subject: string, users: readonly UserName[]): Promise<readonly number[]> => {
      await queueIsEmpty(world);
      const counts: number[] = [];
      for (const user of users) counts.push((await messagesIn(world, user, subject)).length);
      return counts;
    };

    describe.concurrent('from outside', () => {
      it.each([
        { to: 'bob@example.com', what: 'an address' },
        { to: 'BoB@Example.COM', what: 'an address in other letters' },
        { to: 'smith@example.com', what: 'an alias' },
        { to: 'bob@example.net', what: 'a user in an alias domain' },
        { to: 'smith@example.net', what: 'an alias in an alias domain' },
        { to: 'bob+news@example.com', what: 'an address with a detail' },
        { to: 'smith+news@example.net', what: 'an alias with a detail in an alias domain' },
      ])('$what, $to, reaches bob once', async ({ to }) => {
        const subject = `to ${to}`;
        expect(await receive(world, { to, subject })).toMatchObject({ code: 250 });
        await messageIn(world, 'bob@example.com', subject);
        expect(await copies(subject, ['bob@example.com'])).toEqual([1]);
      });

      it('a localpart with a dot is not split at it', async () => {
        expect(await receive(world, { to: 'first.last@example.com', subject: 'dotted' })).toMatchObject({
          code: 250,
        });
        await messageIn(world, 'first.last@example.com', 'dotted');
        expect(await receive(world, { to: 'first@example.com', subject: 'half' })).toMatchObject({
          code: 550,
        });
      });

      it('an alias with many destinations reaches each once, here and elsewhere', async () => {
        expect(await receive(world, { to: 'team@example.com', subject: 'for the team' })).toMatchObject({
          code: 250,
        });
        const { to } = await world.outside.message('Subject: for the team');
        expect(to).toEqual(['partner@elsewhere.example']);
        expect(await copies('for the team', ['alice@example.com', 'bob@example.com'])).toEqual([1, 1]);
      });

      it('an alias of aliases reaches each once', async () => {
        expect(await receive(world, { to: 'everyone@example.com', subject: 'for all' })).toMatchObject({
          code: 250,
        });
        await world.outside.message('Subject: for all');
        expect(
          await copies('for all', ['alice@example.com', 'bob@example.com', 'carol@example.org']),
        ).toEqual([1, 1, 1]);
        expect(world.outside.messages.filter(({ raw }) => raw.includes('Subject: for all'))).toHaveLength(1);
      });

      it('a catch-all gets what nobody else does, and only that', async () => {
        await receive(world, { to: 'nobody.at.all@example.org', subject: 'caught' });
        await receive(world, { to: 'carol@example.org', subject: 'not caught' });
        await receive(world, { to: 'postmaster@example.org', subject: 'not caught either' });
        const { raw } = await messageIn(world, 'catcher@example.org', 'caught');
        expect(header(raw, 'X-Original-To')).toBe('nobody.at.all@example.org');
        await messageIn(world, 'carol@example.org', 'not caught');
        await messageIn(world, 'alice@example.com', 'not caught either');
        expect(await copies('not caught', ['catcher@example.org'])).toEqual([0]);
        expect(await copies('not caught either', ['catcher@example.org'])).toEqual([0]);
      });

      it.each(['nobody@example.com', 'nobody@example.net', 'nobody+x@example.com'])(
        'nobody is called %s, and the sender learns it at once',
        async (to) => {
          expect(await receive(world, { to, subject: 'to nobody' })).toMatchObject({
            code: 550,
            text: expect.stringMatching(/^5\.1\.1 /),
          });
        },
      );

      it.each(['postmaster', 'abuse'])('%s is somebody in every domain', async (localpart) => {
        for (const domain of ['example.com', 'example.net', 'example.org']) {
          const subject = `${localpart} of ${domain}`;
          expect(await receive(world, { to: `${localpart}@${domain}`, subject })).toMatchObject({
            code: 250,
          });
          await messageIn(world, 'alice@example.com', subject);
        }
      });

      it('postmaster alone, without a domain, is somebody too (RFC 5321 section 4.5.1)', async () => {
        expect(await receive(world, { to: 'postmaster', subject: 'to postmaster alone' })).toMatchObject({
          code: 250,
        });
        const { raw } = await messageIn(world, 'alice@example.com', 'to postmaster alone');
        expect(header(raw, 'X-Original-To')).toBe(`postmaster@${world.host}`);
      });

      it('a disabled user gets no mail and cannot log in', async () => {
        expect(await receive(world, { to: 'dora@example.com', subject: 'to dora' })).toMatchObject({
          code: 550,
        });
        const client = await connectSubmission(world);
        expect(await client.authPlain('dora@example.com', passwords['dora@example.com'])).toMatchObject({
          code: 535,
        });
        await client.quit();
        await expect(imapOf(world, 'dora@example.com')).rejects.toThrow();
      });
    });

    describe('forwarding', () => {
      it('rewrites the sender so that SPF holds, and brings a bounce back to the origin', async () => {
        await receive(world, { to: 'out@example.com', subject: 'forwarded' });
        const forwarded = await world.outside.message('Subject: forwarded');
        expect(forwarded.to).toEqual(['someone@elsewhere.example']);
        expect(forwarded.from).toMatch(/^SRS0=.*=elsewhere\.example=someone@example\.com$/);
        expect(await senderPolicy(world, forwarded)).toBe('pass');
        // Nor would it have been enough to leave the sender as it was.
        expect(await senderPolicy(world, forwarded, 'someone@elsewhere.example')).toBe('fail');

        const client = await connectOutside(world);
        const bounce = messageOf({
          from: 'mailer-daemon@elsewhere.example',
          to: forwarded.from,
          subject: 'a bounce comes',
        });
        expect(await client.send('', [forwarded.from], bounce)).toMatchObject({ code: 250 });
        await client.quit();
        const returned = await world.outside.message('Subject: a bounce comes');
        expect(returned).toMatchObject({ from: '', to: ['someone@elsewhere.example'] });
      });

      it('refuses a rewritten address that someone has made up', async () => {
        const { from } = await world.outside.message('Subject: forwarded');
        const forged = from.replace('someone', 'victim');
        expect(await receive(world, { to: forged, subject: 'forged' }, '')).toMatchObject({ code: 550 });
      });

      it('does not rewrite the sender of what stays here', async () => {
        await receive(world, { to: 'team@example.com', subject: 'stays here' });
        const { raw } = await messageIn(world, 'bob@example.com', 'stays here');
        expect(header(raw, 'Return-Path')).toBe('<someone@elsewhere.example>');
      });

      it('does not rewrite what users send themselves', async () => {
        await submit(world, 'bob@example.com', { to: 'someone@elsewhere.example', subject: 'my own' });
        expect(await world.outside.message('Subject: my own')).toMatchObject({ from: 'bob@example.com' });
      });

      it('keeps mail in the queue while the other side is not ready, and bounces what it refuses', async () => {
        world.outside.answerTo('busy@elsewhere.example', '451 4.7.1 later');
        world.outside.answerTo('gone@elsewhere.example', '550 5.1.1 no such user');
        const to = ['busy@elsewhere.example', 'gone@elsewhere.example'];
        expect(await submit(world, 'bob@example.com', { to, subject: 'to be told' })).toMatchObject({
          code: 250,
        });
        const { raw } = await messageIn(world, 'bob@example.com', 'Undelivered Mail Returned to Sender');
        expect(raw).toContain('<gone@elsewhere.example>');
        expect(raw).not.toContain('Final-Recipient: rfc822; busy@elsewhere.example');
        world.outside.answerTo('busy@elsewhere.example', null);
        await world.exec('postfix', ['postqueue', '-f']);
        expect(await world.outside.message('Subject: to be told')).toMatchObject({
          to: ['busy@elsewhere.example'],
        });
      });
    });

    describe('quotas', () => {
      /** So many thousand bytes, of the hundred that the user has. */
      const fill = async (subject: string, size: number): Promise<void> => {
        const line = 'All work and no play makes Jack a dull boy.\r\n';
        const body = line.repeat(Math.ceil((size * 1000) / line.length));
        expect(await receive(world, { to: 'small@example.com', subject, body })).toMatchObject({ code: 250 });
        await messageIn(world, 'small@example.com', subject);
      };
      const warnings = (): Promise<readonly number[]> =>
        Promise.all(
          [80, 95].map(
            async (percent) =>
              (await messagesIn(world, 'small@example.com', `Your mailbox is ${percent} % full`)).length,
          ),
        );

      it('warn the user at 80 % and at 95 %, once each, then refuse mail, for now, by whatever name', async () => {
        await fill('a good half', 60);
        expect(await warnings()).toEqual([0, 0]);
        await fill('and more', 25);
        await messageIn(world, 'small@example.com', 'Your mailbox is 80 % full');
        expect(await warnings()).toEqual([1, 0]);
        await fill('still within it', 12);
        await messageIn(world, 'small@example.com', 'Your mailbox is 95 % full');
        await fill('the last one', 12);
        expect(await warnings()).toEqual([1, 1]);
        for (const to of [
          'small@example.com',
          'small+x@example.com',
          'small@example.net',
          'tosmall@example.com',
        ]) {
          expect(await receive(world, { to, subject: 'too much' }), to).toMatchObject({
            code: 452,
            text: expect.stringContaining('4.2.2'),
          });
        }
      });

      it('are no matter for aliases to elsewhere, nor for the others', async () => {
        const to = ['out@example.com', 'bob@example.com'];
        expect(await receive(world, { to, subject: 'not my quota' })).toMatchObject({ code: 250 });
        await world.outside.message('Subject: not my quota');
      });
    });

    describe.concurrent('sending as', () => {
      it.each([
        { user: 'bob@example.com', as: 'bob@example.com', why: 'the own address' },
        { user: 'bob@example.com', as: 'bob+list@example.com', why: 'the own address with a detail' },
        { user: 'bob@example.com', as: 'smith@example.com', why: 'an alias of this user alone' },
        { user: 'bob@example.com', as: 'bob@example.net', why: 'the own address in an alias domain' },
        { user: 'bob@example.com', as: 'sales@example.com', why: 'listed in send_as' },
      ] as const)('$as is allowed to $user: $why', async ({ user, as }) => {
        const subject = `sent as ${as}`;
        expect(await submit(world, user, { from: as, to: 'alice@example.com', subject })).toMatchObject({
          code: 250,
        });
        await messageIn(world, 'alice@example.com', subject);
      });

      it.each([
        { user: 'bob@example.com', as: 'alice@example.com', why: 'somebody else' },
        { user: 'alice@example.com', as: 'sales@example.com', why: 'an alias of several, not listed' },
        { user: 'bob@example.com', as: 'nobody@example.com', why: 'nobody' },
        { user: 'bob@example.com', as: 'someone@elsewhere.example', why: 'an address elsewhere' },
        { user: 'catcher@example.org', as: 'whatever@example.org', why: 'caught, not owned' },
      ] as const)('$as is refused to $user: $why', async ({ user, as }) => {
        expect(
          await submit(world, user, { from: as, to: 'alice@example.com', subject: 'not mine' }),
        ).toMatchObject({
          code: 553,
          text: expect.stringContaining('5.7.1'),
        });
      });

      it('nobody outside may use an address of ours as sender', async () => {
        expect(
          await receive(world, { from: 'alice@example.com', to: 'bob@example.com', subject: 'spoofed' }),
        ).toMatchObject({ code: expect.toSatisfy((code: number) => code >= 500) });
      });
    });
  },
  [
    {
      service: 'postfix',
      line: /warning: .* SASL PLAIN authentication failed.*dora@/,
      reason: 'dora is disabled',
    },
  ],
);
