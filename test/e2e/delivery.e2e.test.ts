// Mail that comes in and goes out: the ways that docker-post's feature list promises.

import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';
import { beforeAll, describe, expect, it } from 'vitest';
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
  tlsOf,
} from './support/clients.ts';
import { reverseName } from './support/dns-server.ts';
import { allowList, blockList, passwords } from './support/organisation.ts';
import { describeWorld, type World } from './support/shared.ts';
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
        [reverseName(blocked, blockList)]: { A: ['127.0.0.4'] },
        // What Spamhaus answers to public resolvers: an error, no listing.
        [reverseName(odd, blockList)]: { A: ['127.255.255.254'] },
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
    world.dns.add({ [reverseName(known, allowList)]: { A: ['127.0.0.1'] } });
    const begin = Date.now();
    const client = await connectOutside(world, known);
    expect(await client.command('MAIL FROM:<x@elsewhere.example>')).toMatchObject({ code: 250 });
    expect(Date.now() - begin).toBeLessThan(900);
    await client.quit();
  });

  describe('submission', () => {
    it('is open on 465 too, with TLS from the first byte', async () => {
      const client = await connectSubmissions(world);
      expect(client.greeting.code).toBe(220);
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

    it.each([
      { port: 587, secure: false },
      { port: 465, secure: true },
    ])('takes what nodemailer sends by port $port, and it arrives as it was', async ({ port, secure }) => {
      const transport = createTransport({
        host: await world.addressOf('postfix'),
        port,
        secure,
        requireTLS: true,
        tls: { ...tlsOf(world), rejectUnauthorized: true },
        localAddress: await world.outsideAddress(202),
        auth: { user: 'carol@example.org', pass: passwords['carol@example.org'] },
      });
      const subject = `Grüße mit Anhang, Port ${port}`;
      const text = 'Zwölf Boxkämpfer jagen Viktor über den Sylter Deich. Ende…\n.\nFrom here on: more.';
      const everyByte = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7) % 256));
      await transport.sendMail({
        from: 'Carol Läufer <carol@example.org>',
        to: 'alice@example.com',
        subject,
        text,
        attachments: [
          {
            raw: `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${text}`,
          },
          { filename: 'every byte.bin', content: everyByte },
        ],
      });
      transport.close();

      const { uid } = await messageIn(world, 'alice@example.com', subject);
      const client = await imapOf(world, 'alice@example.com');
      await client.mailboxOpen('INBOX');
      const part = async (number: string): Promise<Buffer> => {
        const { content } = await client.download(String(uid), number, { uid: true });
        return content === undefined ? Buffer.of() : buffer(content);
      };
      const [body, asItIs, binary] = [await part('1'), await part('2'), await part('3')];
      const { bodyStructure } =
        (await client.fetchOne(String(uid), { bodyStructure: true }, { uid: true })) || {};
      await client.logout();
      expect(body.toString('utf8').replaceAll('\r', '').trimEnd()).toBe(text);
      expect(asItIs.toString('utf8').replaceAll('\r', '')).toBe(text);
      expect(binary.equals(everyByte), 'every byte').toBe(true);
      expect(bodyStructure?.childNodes?.map(({ encoding }) => encoding)).toEqual([
        'quoted-printable',
        '8bit',
        'base64',
      ]);
    });

    it('removes what tells about the user: program, address and host name', async () => {
      const headers = [
        'User-Agent: Secret Client 1.0',
        'X-Mailer: Secret Mailer',
        'X-Originating-IP: [10.9.8.7]',
      ];
      const body = '.a dot, and spaces  \r\n\r\nFrom the laptop of nobody\r\n\tthe end';
      const mail = { to: 'someone@elsewhere.example', subject: 'private details', headers, body };
      expect(await submit(world, 'bob@example.com', mail)).toMatchObject({ code: 250 });
      const { raw } = await world.outside.message('private details');
      expect(raw).not.toMatch(/secret (client|mailer)/i);
      expect(raw).not.toContain('10.9.8.7');
      expect(raw).not.toContain('laptop.home.example');
      // Where the tests' users are.
      expect(raw).not.toContain((await world.outsideAddress(201)).slice(0, -1));
      // All else is as the user wrote it.
      expect(header(raw, 'Message-ID')).toBe('<private-details@elsewhere.example>');
      expect(raw.slice(raw.indexOf('\r\n\r\n') + 4)).toBe(`${body}\r\n`);
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
      expect(await newestByPop3(pop3)).toContain('Subject: for POP3');
    });
  });
});
