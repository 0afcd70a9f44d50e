// All that clients and other mail servers do, by IPv6 alone: with a mail host outside that has no IPv4 address.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  connectOutside,
  connectSubmission,
  connectSubmissions,
  header,
  imapOf,
  messageIn,
  messageOf,
  newestByPop3,
  pop3Of,
  receive,
  submit,
} from './support/clients.ts';
import { reverseName } from './support/dns-server.ts';
import { blockList, passwords } from './support/organisation.ts';
import { type OutsideHost, startOutsideHost } from './support/outside-host.ts';
import { senderPolicy } from './support/sender-policy.ts';
import { describeWorld, type World } from './support/shared.ts';
import { SieveClient } from './support/sieve-client.ts';

const sender = 'someone@six.elsewhere.example';

describeWorld('IPv6', (start) => {
  let world: World;
  let outside: OutsideHost;
  beforeAll(async () => {
    world = await start();
    const address = await world.outsideAddress6(200);
    world.dns.add({
      'six.elsewhere.example': { MX: ['10 mx6.elsewhere.example'], TXT: [`v=spf1 ip6:${address} -all`] },
      'mx6.elsewhere.example': { AAAA: [address] },
      [reverseName(address)]: { PTR: ['mx6.elsewhere.example'] },
    });
    outside = await startOutsideHost({ address });
  });
  afterAll(() => outside?.stop());

  it('brings a message to port 25, through postscreen, into the INBOX', async () => {
    const from = await world.outsideAddress6(210);
    const client = await connectOutside(world, from);
    // To whom it has not seen before, postscreen says this twice: first it looks who cannot wait.
    expect(client.greeting.text.split('\n')).toEqual([`${world.host} ESMTP`, `${world.host} ESMTP`]);
    const mail = { from: sender, to: 'bob@example.com', subject: 'by IPv6' };
    expect(await client.send(sender, [mail.to], messageOf(mail))).toMatchObject({ code: 250 });
    await client.quit();
    const { raw } = await messageIn(world, 'bob@example.com', 'by IPv6');
    expect(raw).toContain(`[IPv6:${from}]`);
  });

  it('does not save a client from the block list', async () => {
    const listed = await world.outsideAddress6(211);
    world.dns.add({ [reverseName(listed, blockList)]: { A: ['127.0.0.4'] } });
    const mail = { from: sender, to: 'bob@example.com', subject: 'from a listed client, by IPv6' };
    expect(await receive(world, mail, sender, listed)).toMatchObject({
      code: 550,
      text: expect.stringContaining(`blocked using ${blockList}`),
    });
  });

  it('is what SPF is asked about', async () => {
    const verdict = async (subject: string, client: string): Promise<string | null> => {
      const mail = { from: sender, to: 'bob@example.com', subject };
      expect(await receive(world, mail, sender, client)).toMatchObject({ code: 250 });
      return header((await messageIn(world, 'bob@example.com', subject)).raw, 'X-Spam-Status');
    };
    expect(await verdict('sent as SPF allows', outside.address)).toContain('SPF_PASS=');
    expect(await verdict('sent by IPv4', world.outside.address)).toContain('SPF_FAIL=');
  });

  it.each([
    { port: 587, connect: connectSubmission },
    { port: 465, connect: connectSubmissions },
  ])('takes what users send to port $port, and hides where they are', async ({ port, connect }) => {
    const from = await world.outsideAddress6(201);
    const client = await connect(world, from);
    expect(await client.authPlain('bob@example.com', passwords['bob@example.com'])).toMatchObject({
      code: 235,
    });
    const mail = { from: 'bob@example.com', to: sender, subject: `from a user, port ${port}` };
    expect(await client.send(mail.from, [mail.to], messageOf(mail))).toMatchObject({ code: 250 });
    await client.quit();
    const { raw } = await outside.message(`Subject: ${mail.subject}`);
    expect(raw).not.toContain(from);
  });

  describe('serves', () => {
    const owner = 'alice@example.com';
    beforeAll(async () => {
      await receive(world, { to: owner, subject: 'to be read by IPv6' });
      await messageIn(world, owner, 'to be read by IPv6');
    });

    it('IMAP', async () => {
      const client = await imapOf(world, owner, await world.addressOf6('dovecot'));
      await client.mailboxOpen('INBOX');
      expect(await client.search({ subject: 'to be read by IPv6' })).toHaveLength(1);
      await client.logout();
    });

    it('POP3', async () => {
      const pop3 = await pop3Of(world, owner, await world.addressOf6('dovecot'));
      expect(await newestByPop3(pop3)).toContain('Subject: to be read by IPv6');
    });

    it('ManageSieve', async () => {
      const sieve = await SieveClient.login(world, owner, await world.addressOf6('dovecot'));
      expect(await sieve.command('CHECKSCRIPT "keep;"')).toMatch(/^OK/);
      sieve.close();
    });
  });

  it('is how mail leaves for a host that has nothing else', async () => {
    const subject = 'to a host without IPv4';
    expect(await submit(world, 'bob@example.com', { to: sender, subject })).toMatchObject({ code: 250 });
    const message = await outside.message(`Subject: ${subject}`);
    expect(message).toMatchObject({
      from: 'bob@example.com',
      to: [sender],
      client: await world.addressOf6('postfix'),
      helo: world.host,
    });
    expect(await senderPolicy(world, message)).toBe('pass');
  });

  it('forwards with a rewritten sender, and brings a bounce back', async () => {
    expect(await receive(world, { to: 'out6@example.com', subject: 'forwarded by IPv6' })).toMatchObject({
      code: 250,
    });
    const forwarded = await outside.message('Subject: forwarded by IPv6');
    expect(forwarded).toMatchObject({ to: [sender], client: await world.addressOf6('postfix') });
    expect(forwarded.from).toMatch(/^SRS0=.*=elsewhere\.example=someone@example\.com$/);
    expect(await senderPolicy(world, forwarded)).toBe('pass');
    // Nor would it have been enough to leave the sender as it was.
    expect(await senderPolicy(world, forwarded, 'someone@elsewhere.example')).toBe('fail');

    const bounce = { to: forwarded.from, subject: 'a bounce by IPv6' };
    expect(await receive(world, bounce, '', outside.address)).toMatchObject({ code: 250 });
    expect(await world.outside.message('Subject: a bounce by IPv6')).toMatchObject({
      from: '',
      to: ['someone@elsewhere.example'],
    });
  });
});
