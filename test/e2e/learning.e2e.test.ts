// What SpamAssassin learns from users: what they move into Junk and out of it, and what lies in Junk and NotJunk.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { gtube } from './support/attachments.ts';
import { header, imapOf, messageIn, receive } from './support/clients.ts';
import type { UserName } from './support/organisation.ts';
import { describeWorld, type World } from './support/shared.ts';

const owner: UserName = 'learner@example.com';

describeWorld('learning', (start) => {
  let world: World;
  beforeAll(async () => {
    world = await start();
    world.dns.add({ 'strict.example': { MX: ['10 mx.elsewhere.example'], TXT: ['v=spf1 -all'] } });
    // What the tests of before have left is learned from now on.
    await world.script('learn-spam.sh');
  });

  /** Subjects of what Dovecot has handed over on the host and nobody has learned from yet. */
  const handedOver = (kind: 'spam' | 'ham'): readonly string[] => {
    const folder = join(world.data, 'learn', kind);
    return readdirSync(folder)
      .map((name) => {
        const message = readFileSync(join(folder, name));
        expect(createHash('sha256').update(message).digest('hex'), 'whole, under its name').toBe(name);
        return header(message.toString('latin1'), 'Subject') ?? '';
      })
      .sort();
  };

  /** How many messages SpamAssassin has learned from, its own certain ones among them. */
  const learned = async (): Promise<{ readonly spam: number; readonly ham: number }> => {
    const { stdout } = await world.exec('amavis', [
      ...['setpriv', '--reuid=amavis', '--regid=amavis', '--init-groups'],
      ...['sa-learn', '--siteconfigpath=/etc/mailc/current/spamassassin', '--dump', 'magic'],
    ]);
    const count = (kind: string) =>
      Number(new RegExp(`(\\d+) +\\d+ +non-token data: ${kind}`).exec(stdout)?.[1]);
    return { spam: count('nspam'), ham: count('nham') };
  };

  it('hands over what is moved into Junk and out of it, and learns from each message once', async () => {
    // Each with words of its own: two with the same text, of the same second, are one message to SpamAssassin.
    const spam = (subject: string) => ({ subject, body: `${gtube}\r\nThis is "${subject}".` });
    const mail = [
      { subject: 'missed', from: 'someone@strict.example' },
      { subject: 'taken for ham', from: 'someone@elsewhere.example' },
      ...['found', 'wanted, in the INBOX', 'wanted, in NotJunk', 'thrown away'].map(spam),
    ];
    const moves = [
      { subject: 'missed', from: 'INBOX', to: 'Junk' },
      { subject: 'taken for ham', from: 'INBOX', to: 'Junk' },
      { subject: 'wanted, in the INBOX', from: 'Junk', to: 'INBOX' },
      { subject: 'wanted, in NotJunk', from: 'Junk', to: 'NotJunk' },
      { subject: 'thrown away', from: 'Junk', to: 'Trash' },
    ];
    await Promise.all(
      mail.map(async (one) =>
        expect(await receive(world, { to: owner, ...one })).toMatchObject({ code: 250 }),
      ),
    );
    const verdicts = await Promise.all(
      mail.map(async (one) => {
        const { raw } = await messageIn(world, owner, one.subject, 'body' in one ? 'Junk' : 'INBOX');
        return /autolearn=(\w+)/.exec(header(raw, 'X-Spam-Status') ?? '')?.[1];
      }),
    );
    // What SpamAssassin is sure of itself it learns when the mail comes in.
    expect(verdicts).toEqual(['no', 'ham', 'no', 'no', 'no', 'no']);
    const before = await learned();

    const client = await imapOf(world, owner);
    for (const { subject, from, to } of moves) {
      await client.mailboxOpen(from);
      await client.messageMove({ header: { Subject: subject } }, to);
    }
    await client.logout();
    expect(handedOver('spam')).toEqual(['missed', 'taken for ham']);
    expect(handedOver('ham')).toEqual(['wanted, in NotJunk', 'wanted, in the INBOX']);

    await world.script('learn-spam.sh');
    // Three that are in Junk; two that are wanted, and one of before that was none.
    const after = { spam: before.spam + 3, ham: before.ham + 2 - 1 };
    expect(await learned()).toEqual(after);
    expect([...handedOver('spam'), ...handedOver('ham')]).toEqual([]);

    await world.script('learn-spam.sh');
    expect(await learned(), 'after another run').toEqual(after);
  });
});
