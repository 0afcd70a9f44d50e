// Mail that comes in and goes out: the ways that docker-post's feature list promises.

import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImapFlow } from 'imapflow';
import { dkimSign } from 'mailauth/lib/dkim/sign';
import { dkimVerify } from 'mailauth/lib/dkim/verify';
import { beforeAll, describe, expect, it } from 'vitest';
import { composed, eicar, gtube, zip } from './support/attachments.ts';
import {
  connectOutside,
  connectSubmission,
  header,
  imapOf,
  messageIn,
  messageOf,
  messagesIn,
  pop3Of,
  receive,
  submit,
  tlsOf,
} from './support/clients.ts';
import { allowList, blockList, passwords, type UserName } from './support/organisation.ts';
import { queueIsEmpty } from './support/queue.ts';
import { describeWorld, type World } from './support/shared.ts';
import { SieveClient } from './support/sieve-client.ts';
import { SmtpClient } from './support/smtp-client.ts';

describeWorld('mail in and out', (start) => {
  let world: World;
  beforeAll(async () => {
    world = await start();
  });

  it('takes a message from outside and puts it into the INBOX', async () => {
    expect(await receive(world, { to: 'bob@example.com', subject: 'first of all' })).toMatchObject({
      code: 250,
    });
    const { raw } = await messageIn(world, 'bob@example.com', 'first of all');
    expect(header(raw, 'Return-Path')).toBe('<someone@elsewhere.example>');
    expect(raw).toContain('This is the message "first of all".');
  });

  describe('postscreen', () => {
    it('keeps a new client waiting for the greeting, and an old one not', async () => {
      const from = await world.outsideAddress(210);
      const host = await world.addressOf('postfix');
      const greeted = async (): Promise<number> => {
        const begin = Date.now();
        const client = await SmtpClient.connect({ host, port: 25, from });
        expect(client.greeting.code).toBe(220);
        await client.quit();
        return Date.now() - begin;
      };
      // Postfix counts whole seconds of time(2), which enters one some milliseconds late: for who comes at the end of
      // one, the first is short.
      await sleep(1030 - (Date.now() % 1000));
      expect(await greeted()).toBeGreaterThan(900);
      expect(await greeted()).toBeLessThan(900);
    });

    it('refuses whom the block list names, by its reply filter', async () => {
      const blocked = await world.outsideAddress(211);
      const odd = await world.outsideAddress(212);
      world.dns.add({
        [`${blocked.split('.').reverse().join('.')}.${blockList}`]: { A: ['127.0.0.4'] },
        // What Spamhaus answers to public resolvers: an error, no listing.
        [`${odd.split('.').reverse().join('.')}.${blockList}`]: { A: ['127.255.255.254'] },
      });
      const mail = { to: 'bob@example.com', subject: 'from a listed client' };
      const refused = await connectOutside(world, blocked);
      expect(await refused.send('x@elsewhere.example', [mail.to], messageOf(mail))).toMatchObject({
        code: 550,
        text: expect.stringContaining(`blocked using ${blockList}`),
      });
      await refused.quit();
      const taken = await connectOutside(world, odd);
      expect(await taken.command('MAIL FROM:<x@elsewhere.example>')).toMatchObject({ code: 250 });
      await taken.quit();
    });
  });

  it('greets whom the allow list names at once', async () => {
    const known = await world.outsideAddress(214);
    world.dns.add({ [`${known.split('.').reverse().join('.')}.${allowList}`]: { A: ['127.0.0.1'] } });
    const begin = Date.now();
    const client = await connectOutside(world, known);
    expect(await client.command('MAIL FROM:<x@elsewhere.example>')).toMatchObject({ code: 250 });
    expect(Date.now() - begin).toBeLessThan(900);
    await client.quit();
  });

  describe('submission', () => {
    it('is open on 465 too, with TLS from the first byte', async () => {
      const client = await SmtpClient.connect({
        host: await world.addressOf('postfix'),
        port: 465,
        from: await world.outsideAddress(201),
        tls: tlsOf(world),
      });
      expect(client.greeting.code).toBe(220);
      await client.command('EHLO laptop');
      expect(await client.authPlain('bob@example.com', passwords['bob@example.com'])).toMatchObject({
        code: 235,
      });
      const mail = { from: 'bob@example.com', to: 'alice@example.com', subject: 'by port 465' };
      expect(await client.send(mail.from, [mail.to], messageOf(mail))).toMatchObject({ code: 250 });
      await client.quit();
      await messageIn(world, 'alice@example.com', 'by port 465');
    });

    it('takes the name of an alias as login, and a password beyond ASCII', async () => {
      for (const [login, user] of [
        ['smith@example.com', 'bob@example.com'],
        ['bob@example.net', 'bob@example.com'],
        ['carol@example.org', 'carol@example.org'],
      ] as const) {
        const client = await connectSubmission(world);
        expect(await client.authPlain(login, passwords[user]), login).toMatchObject({ code: 235 });
        await client.quit();
      }
    });

    it('removes what tells about the user: program, address and host name', async () => {
      const headers = [
        'User-Agent: Secret Client 1.0',
        'X-Mailer: Secret Mailer',
        'X-Originating-IP: [10.9.8.7]',
      ];
      const mail = { to: 'someone@elsewhere.example', subject: 'private details', headers };
      expect(await submit(world, 'bob@example.com', mail)).toMatchObject({ code: 250 });
      const { raw } = await world.outside.message('private details');
      expect(raw).not.toMatch(/secret (client|mailer)/i);
      expect(raw).not.toContain('10.9.8.7');
      expect(raw).not.toContain('laptop');
      // Where the tests' users are.
      expect(raw).not.toContain((await world.outsideAddress(201)).slice(0, -1));
      expect(raw).toContain('This is the message "private details".');
    });
  });

  describe('DKIM', () => {
    it.each([
      { user: 'bob@example.com', from: 'bob@example.com', domain: 'example.com', selector: 'mail' },
      { user: 'bob@example.com', from: 'bob@example.net', domain: 'example.net', selector: 'mail' },
      { user: 'carol@example.org', from: 'carol@example.org', domain: 'example.org', selector: 'key1' },
    ] as const)('signs what $from sends with the key of $domain, as others verify it', async (one) => {
      const { user, from, domain, selector } = one;
      const key = createPublicKey(world.secret(`dkim.${domain}.${selector}`));
      const published = key.export({ type: 'spki', format: 'der' }).toString('base64');
      world.dns.add({ [`${selector}._domainkey.${domain}`]: { TXT: [`v=DKIM1; k=rsa; p=${published}`] } });
      const subject = `signed for ${from}`;
      expect(await submit(world, user, { from, to: 'someone@elsewhere.example', subject })).toMatchObject({
        code: 250,
      });
      const { raw } = await world.outside.message(subject);

      const good = await dkimVerify(Buffer.from(raw, 'latin1'), { resolver: world.dns.resolve });
      expect(good.results).toMatchObject([
        { signingDomain: domain, selector, status: { result: 'pass', aligned: domain } },
      ]);
      const changed = raw.replace('This is the message', 'This was the message');
      const bad = await dkimVerify(Buffer.from(changed, 'latin1'), { resolver: world.dns.resolve });
      expect(bad.results[0]?.status.result).not.toBe('pass');
    });

    it('is verified on what comes in, and a verdict forged in our name is removed', async () => {
      const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const published = keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
      world.dns.add({ 'out1._domainkey.elsewhere.example': { TXT: [`v=DKIM1; k=rsa; p=${published}`] } });
      const forged = `Authentication-Results: ${world.host}; dkim=pass header.d=bank.example`;
      const message = messageOf({ to: 'bob@example.com', subject: 'signed outside', headers: [forged] });
      const signer = {
        signingDomain: 'elsewhere.example',
        selector: 'out1',
        privateKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      };
      // The package reads `signatureData`, and its types want the same beside it.
      const { signatures } = await dkimSign(message, { ...signer, ...{ signatureData: [signer] } });
      const client = await connectOutside(world);
      const reply = await client.send('someone@elsewhere.example', ['bob@example.com'], signatures + message);
      expect(reply).toMatchObject({ code: 250 });
      await client.quit();
      const { raw } = await messageIn(world, 'bob@example.com', 'signed outside');
      expect(header(raw, 'Authentication-Results')).toMatch(/dkim=pass .*header\.d=elsewhere\.example/);
      expect(raw).not.toContain('bank.example');
    });
  });

  describe('spam and viruses', () => {
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
      const { stdout } = await world.exec('amavis', [
        'sh',
        '-c',
        `grep -rl "Subject: $0" /var/lib/amavis/virusmails`,
        subject,
      ]);
      expect(stdout, 'in quarantine').toMatch(/virus-/);
    });

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

  describe('reading', () => {
    it('serves IMAP over STARTTLS, with the folders that clients expect', async () => {
      const client = new ImapFlow({
        host: await world.addressOf('dovecot'),
        port: 143,
        secure: false,
        doSTARTTLS: true,
        tls: tlsOf(world),
        auth: { user: 'alice@example.com', pass: passwords['alice@example.com'] },
        logger: false,
      });
      await client.connect();
      const folders = (await client.list()).map(({ path, specialUse }) =>
        `${path} ${specialUse ?? ''}`.trim(),
      );
      await client.logout();
      expect(folders.sort()).toEqual([
        'Archive \\Archive',
        'Drafts \\Drafts',
        'INBOX \\Inbox',
        'Junk \\Junk',
        'NotJunk',
        'Sent \\Sent',
        'Trash \\Trash',
      ]);
    });

    it('serves POP3 over TLS', async () => {
      expect(await receive(world, { to: 'alice@example.com', subject: 'for POP3' })).toMatchObject({
        code: 250,
      });
      await messageIn(world, 'alice@example.com', 'for POP3');
      const pop3 = await pop3Of(world, 'alice@example.com');
      pop3.write('STAT\r\n');
      const count = Number(/^\+OK (\d+) /.exec((await pop3.line()) ?? '')?.[1]);
      expect(count).toBeGreaterThan(0);
      pop3.write(`RETR ${count}\r\n`);
      const lines: (string | null)[] = [];
      for (let line = await pop3.line(); line !== '.' && line !== null; line = await pop3.line())
        lines.push(line);
      pop3.close();
      expect(lines).toContain('Subject: for POP3');
    });
  });

  describe('Sieve', () => {
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
      const { from, to } = await world.outside.message('Subject: passed on by a script');
      expect(to).toEqual(['partner@elsewhere.example']);
      expect(from).toMatch(/@example\.com$/);
      await sieve.deactivate();
      sieve.close();
    });

    it('answers for someone who is away once, and never a bounce', async () => {
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
      await queueIsEmpty(world);
      expect(world.outside.messages.filter(({ raw }) => raw.includes('I am away'))).toHaveLength(1);
      await sieve.deactivate();
      sieve.close();
    });
  });

  describe('learning', () => {
    it('hands over what is moved into Junk and out of it, and learns from it', async () => {
      const owner: UserName = 'learner@example.com';
      await receive(world, { to: owner, subject: 'moved into Junk' });
      await receive(world, { to: owner, subject: 'moved out of Junk', body: gtube });
      const spam = await messageIn(world, owner, 'moved into Junk');
      const ham = await messageIn(world, owner, 'moved out of Junk', 'Junk');
      const client = await imapOf(world, owner);
      await client.mailboxOpen('INBOX');
      await client.messageMove(String(spam.uid), 'Junk', { uid: true });
      await client.mailboxOpen('Junk');
      await client.messageMove(String(ham.uid), 'INBOX', { uid: true });
      await client.logout();

      await world.script('learn-spam.sh');
      const dump = await world.exec('amavis', [
        ...['setpriv', '--reuid=amavis', '--regid=amavis', '--init-groups'],
        ...['sa-learn', '--siteconfigpath=/etc/mailc/current/spamassassin', '--dump', 'magic'],
      ]);
      const learned = (kind: string): number =>
        Number(new RegExp(`(\\d+) +\\d+ +non-token data: ${kind}`).exec(dump.stdout)?.[1]);
      expect(learned('nspam')).toBeGreaterThan(0);
      expect(learned('nham')).toBeGreaterThan(0);
    });
  });
});
