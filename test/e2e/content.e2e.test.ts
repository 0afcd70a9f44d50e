// What a message holds: spam goes to Junk, a virus is refused, however it is wrapped.

import { beforeAll, expect, it } from 'vitest';
import { archiveKinds, packed } from './support/archives.ts';
import { composed, eicar, gtube, zip } from './support/attachments.ts';
import {
  connectOutside,
  connectSubmission,
  header,
  messageIn,
  messagesIn,
  receive,
} from './support/clients.ts';
import { passwords } from './support/organisation.ts';
import { queueIsEmpty } from './support/queue.ts';
import { describeWorld, type World } from './support/shared.ts';
import { SmtpClient } from './support/smtp-client.ts';

describeWorld('what a message holds', (start) => {
  let world: World;
  beforeAll(async () => {
    world = await start();
  });

  /** Names of the files in which Amavis keeps messages of that subject. */
  const quarantined = async (subject: string): Promise<string> => {
    const find = 'grep -rl "^Subject: $0" /var/lib/amavis/virusmails';
    return (await world.exec('amavis', ['sh', '-c', find, subject])).stdout;
  };

  it('files GTUBE into Junk', async () => {
    expect(await receive(world, { to: 'bob@example.com', subject: 'buy now', body: gtube })).toMatchObject({
      code: 250,
    });
    const { raw } = await messageIn(world, 'bob@example.com', 'buy now', 'Junk');
    expect(header(raw, 'X-Spam-Flag')).toBe('YES');
    expect(await messagesIn(world, 'bob@example.com', 'buy now')).toEqual([]);
  });

  it('asks the Pyzor network how often a message was reported', async () => {
    world.pyzor.answer(500);
    await receive(world, { to: 'bob@example.com', subject: 'reported by many' });
    const { raw } = await messageIn(world, 'bob@example.com', 'reported by many');
    world.pyzor.answer(0);
    expect(header(raw, 'X-Spam-Status')).toContain('PYZOR_CHECK');
  });

  it('asks the Razor network whether a message is known', async () => {
    await receive(world, { to: 'bob@example.com', subject: 'known to nobody' });
    const unknown = await messageIn(world, 'bob@example.com', 'known to nobody');
    expect(header(unknown.raw, 'X-Spam-Status')).not.toContain('RAZOR2');
    world.razor.know(true);
    await receive(world, { to: 'bob@example.com', subject: 'known to many' });
    const { raw } = await messageIn(world, 'bob@example.com', 'known to many');
    world.razor.know(false);
    expect(header(raw, 'X-Spam-Status')).toContain('RAZOR2_CHECK');
  });

  it('does not believe a spam flag that comes from outside', async () => {
    const mail = { to: 'bob@example.com', subject: 'flagged by a stranger', headers: ['X-Spam-Flag: YES'] };
    expect(await receive(world, mail)).toMatchObject({ code: 250 });
    await messageIn(world, 'bob@example.com', 'flagged by a stranger');
  });

  const once = zip({ filename: 'eicar.com', content: eicar });
  const twice = zip({ filename: 'inner.zip', content: once });
  it.each([
    { form: 'plain', attachment: { filename: 'eicar.com', content: eicar } },
    { form: 'zipped', attachment: { filename: 'eicar.zip', content: once } },
    { form: 'zipped twice', attachment: { filename: 'outer.zip', content: twice } },
  ])(
    'refuses EICAR, $form, from outside and from users, before it is taken',
    async ({ form, attachment }) => {
      const outside = await connectOutside(world);
      const user = await connectSubmission(world);
      await user.authPlain('alice@example.com', passwords['alice@example.com']);
      for (const [client, from] of [
        [outside, 'someone@elsewhere.example'],
        [user, 'alice@example.com'],
      ] as const) {
        const message = await composed(`virus, ${form}`, 'bob@example.com', [attachment]);
        expect(await client.send(from, ['bob@example.com'], message)).toEqual({
          code: 550,
          text: expect.stringMatching(/^5\.7\.1 This message has a virus: Eicar/),
        });
        await client.quit();
      }
      await queueIsEmpty(world);
      expect(await messagesIn(world, 'bob@example.com', `virus, ${form}`)).toEqual([]);
      expect(await messagesIn(world, 'bob@example.com', `virus, ${form}`, 'Junk')).toEqual([]);
    },
  );

  it('keeps in quarantine what comes to Amavis with a virus all the same', async () => {
    const subject = 'virus, taken while nobody looked';
    const host = await world.addressOf('amavis');
    const client = await SmtpClient.connect({ host, port: 10024, from: world.outside.address });
    await client.command('EHLO postfix');
    const message = await composed(subject, 'bob@example.com', [{ filename: 'eicar.zip', content: once }]);
    expect(await client.send('someone@elsewhere.example', ['bob@example.com'], message)).toMatchObject({
      code: 250,
    });
    await client.quit();
    expect(await messagesIn(world, 'bob@example.com', subject)).toEqual([]);
    expect(await quarantined(subject)).toMatch(/virus-/);
  });

  it.each(Object.entries(archiveKinds.scanner))('refuses EICAR as %s', async (kind, command) => {
    const client = await connectOutside(world);
    const archive = await packed(world, kind, command);
    const message = await composed(`virus, as ${kind}`, 'bob@example.com', [archive]);
    expect(await client.send('someone@elsewhere.example', ['bob@example.com'], message)).toEqual({
      code: 550,
      text: expect.stringMatching(/^5\.7\.1 This message has a virus: Eicar/),
    });
    await client.quit();
  });

  it('refuses EICAR in a message that is forwarded as an attachment', async () => {
    const inner = await composed('the inner one', 'bob@example.com', [
      { filename: 'eicar.com', content: eicar },
    ]);
    const message = await composed('virus, forwarded', 'bob@example.com', [
      { filename: 'forwarded.eml', content: Buffer.from(inner, 'latin1') },
    ]);
    expect(message).toContain('Content-Type: message/rfc822');
    const client = await connectOutside(world);
    expect(await client.send('someone@elsewhere.example', ['bob@example.com'], message)).toMatchObject({
      code: 550,
    });
    await client.quit();
  });

  it.each(Object.entries(archiveKinds.filter))(
    'keeps EICAR as %s in quarantine, which ClamAV alone would not find',
    async (kind, command) => {
      const subject = `virus, as ${kind}`;
      const client = await connectOutside(world);
      const archive = await packed(world, kind, command);
      const message = await composed(subject, 'bob@example.com', [archive]);
      expect(await client.send('someone@elsewhere.example', ['bob@example.com'], message)).toMatchObject({
        code: 250,
      });
      await client.quit();
      await queueIsEmpty(world);
      expect(await messagesIn(world, 'bob@example.com', subject)).toEqual([]);
      expect(await quarantined(subject)).toMatch(/virus-/);
    },
  );

  it('delivers a clean archive', async () => {
    const client = await connectOutside(world);
    const attachment = {
      filename: 'fine.zip',
      content: zip({ filename: 'a.txt', content: Buffer.from('fine') }),
    };
    const message = await composed('a clean archive', 'bob@example.com', [attachment]);
    await client.send('someone@elsewhere.example', ['bob@example.com'], message);
    await client.quit();
    await messageIn(world, 'bob@example.com', 'a clean archive');
  });
});
