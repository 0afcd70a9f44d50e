// postscreen's tests after the greeting, which mail.yaml can ask for (`deep_tests`): a new client that behaves is
// asked to come again, and then let through; one that does not never gets so far.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { Conversation } from './support/conversation.ts';
import { reloadLogLines } from './support/log-lines.ts';
import { organisation } from './support/organisation.ts';
import { describeWorld, type World } from './support/shared.ts';
import { SmtpClient } from './support/smtp-client.ts';

describeWorld(
  'postscreen with deep tests',
  (start) => {
    let world: World;
    beforeAll(async () => {
      world = await start();
      await world.reconfigure((places) =>
        organisation(places).replace('postscreen:\n', 'postscreen:\n  deep_tests: true\n'),
      );
    });
    afterAll(() => world?.reconfigure(organisation));

    /** From a client never seen before, who says all this at once after the greeting; the last reply. */
    const lastReply = async (client: number, words: string, replies: number): Promise<string | null> => {
      const from = await world.outsideAddress(client);
      const conversation = await Conversation.open({
        host: await world.addressOf('postfix'),
        port: 25,
        from,
      });
      // What postscreen says first to whoever cannot wait, and then the greeting.
      while (/^220-/.test((await conversation.line()) ?? ''));
      conversation.write(words);
      let last: string | null = null;
      for (let seen = 0; seen < replies; ) {
        const line = await conversation.line();
        if (line === null) break;
        last = line;
        if (/^\d{3} /.test(line)) seen += 1;
      }
      conversation.close();
      return last;
    };

    it('lets a client that behaves through when it comes again', async () => {
      const peer = {
        host: await world.addressOf('postfix'),
        port: 25,
        from: await world.outsideAddress(222),
      };
      const codes: number[] = [];
      for (let n = 0; n < 2; n += 1) {
        const client = await SmtpClient.connect(peer);
        await client.command('EHLO new.elsewhere.example');
        await client.command('MAIL FROM:<someone@elsewhere.example>');
        codes.push((await client.command('RCPT TO:<bob@example.com>')).code);
        await client.quit();
      }
      expect(codes).toEqual([450, 250]);
    });

    it('refuses one that does not wait for replies', async () => {
      const words =
        'EHLO x.example\r\nMAIL FROM:<someone@elsewhere.example>\r\nRCPT TO:<bob@example.com>\r\n';
      expect(await lastReply(223, words, 3)).toMatch(/^550 5\.5\.1 /);
    });

    it('refuses one that ends its lines as SMTP does not', async () => {
      const from = await world.outsideAddress(224);
      const client = await SmtpClient.connect({ host: await world.addressOf('postfix'), port: 25, from });
      for (const line of ['EHLO x.example\n', 'MAIL FROM:<someone@elsewhere.example>\n']) {
        client.conversation.write(line);
        await client.reply();
      }
      client.conversation.write('RCPT TO:<bob@example.com>\n');
      expect(await client.reply()).toMatchObject({ code: 550, text: expect.stringMatching(/^5\.5\.1 /) });
      client.conversation.close();
    });

    it('hangs up on one that speaks another protocol', async () => {
      const words = 'GET / HTTP/1.1\r\nHost: mail.example.com\r\n\r\n';
      expect(await lastReply(225, words, 1)).toMatch(/^521 5\.7\.0 /);
    });
  },
  reloadLogLines,
);
