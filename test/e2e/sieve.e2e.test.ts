// Users' own scripts: what they do with mail, and what they may not.

import { beforeAll, expect, it } from 'vitest';
import { gtube } from './support/attachments.ts';
import { messageIn, messagesIn, receive } from './support/clients.ts';
import type { UserName } from './support/organisation.ts';
import { queueIsEmpty } from './support/queue.ts';
import { senderPolicy } from './support/sender-policy.ts';
import { describeWorld, type World } from './support/shared.ts';
import { SieveClient } from './support/sieve-client.ts';

describeWorld('Sieve', (start) => {
  let world: World;
  beforeAll(async () => {
    world = await start();
  });

  const owner: UserName = 'learner@example.com';

  it("takes a user's script by ManageSieve and sorts mail by it", async () => {
    const sieve = await SieveClient.login(world, owner);
    const script =
      'require ["fileinto", "mailbox"];\r\nif header :contains "subject" "invoice" { fileinto :create "Bills"; }\r\n';
    expect(await sieve.install(script)).toMatch(/^OK/);
    await receive(world, { to: owner, subject: 'an invoice' });
    await messageIn(world, owner, 'an invoice', 'Bills');
    await sieve.deactivate();
    sieve.close();
  });

  it('says what is wrong with a script, and does not take it', async () => {
    const sieve = await SieveClient.login(world, owner);
    expect(await sieve.install('frobnicate;\r\n')).toMatch(/^NO .*frobnicate/s);
    sieve.close();
  });

  it('sees no spam: that is in Junk already', async () => {
    const sieve = await SieveClient.login(world, owner);
    expect(await sieve.install('keep;\r\n')).toMatch(/^OK/);
    await receive(world, { to: owner, subject: 'spam for a script', body: gtube });
    await messageIn(world, owner, 'spam for a script', 'Junk');
    expect(await messagesIn(world, owner, 'spam for a script')).toEqual([]);
    await sieve.deactivate();
    sieve.close();
  });

  it('sends a redirected message on, with a sender that passes SPF', async () => {
    const sieve = await SieveClient.login(world, owner);
    expect(await sieve.install('redirect "partner@elsewhere.example";\r\n')).toMatch(/^OK/);
    await receive(world, { to: owner, subject: 'passed on by a script' });
    const passedOn = await world.outside.message('Subject: passed on by a script');
    expect(passedOn.to).toEqual(['partner@elsewhere.example']);
    expect(await senderPolicy(world, passedOn)).toBe('pass');
    // Nor would it have been enough to leave the sender as it was.
    expect(await senderPolicy(world, passedOn, 'someone@elsewhere.example')).toBe('fail');
    await sieve.deactivate();
    sieve.close();
  });

  it('answers for someone who is away once, and never a bounce, a list or a program', async () => {
    const sieve = await SieveClient.login(world, owner);
    expect(
      await sieve.install('require "vacation";\r\nvacation :days 1 :subject "I am away" "Back soon.";\r\n'),
    ).toMatch(/^OK/);
    const from = 'curious@elsewhere.example';
    await receive(world, { from, to: owner, subject: 'are you there' });
    await world.outside.message('Subject: I am away');
    await receive(world, { from, to: owner, subject: 'are you there now' });
    await receive(world, { to: owner, subject: 'a bounce' }, '');
    await messageIn(world, owner, 'are you there now');
    await messageIn(world, owner, 'a bounce');
    for (const [name, header] of [
      ['list', 'List-Id: Gardeners <gardeners.elsewhere.example>'],
      ['bulk', 'Precedence: bulk'],
      ['robot', 'Auto-Submitted: auto-generated'],
    ] as const) {
      const mail = { from: `${name}@elsewhere.example`, to: owner, subject: `from a ${name}` };
      await receive(world, { ...mail, headers: [header] });
      await messageIn(world, owner, mail.subject);
    }
    await queueIsEmpty(world);
    const answers = world.outside.messages.filter(({ raw }) => raw.includes('I am away'));
    expect(answers.map(({ to }) => to)).toEqual([[from]]);
    await sieve.deactivate();
    sieve.close();
  });
});
