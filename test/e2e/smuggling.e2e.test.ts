// SMTP smuggling: a message holds an end that one server takes for text and the next one for the end, and behind it
// another message, which then comes from whomever it likes. No server of ours may be fooled so, nor fool the next one.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { connectOutside, connectSubmission, messageOf } from './support/clients.ts';
import { passwords } from './support/organisation.ts';
import { queueIsEmpty } from './support/queue.ts';
import { eventually, tryRun } from './support/run.ts';
import { describeWorld, type World } from './support/shared.ts';
import type { SmtpClient } from './support/smtp-client.ts';

const lineEnds = { CRLF: '\r\n', LF: '\n', CR: '\r' };
/** What is not the end of a message, as only CRLF, a dot and CRLF is (RFC 5321 section 4.1.1.4). */
const falseEnds = Object.entries(lineEnds)
  .flatMap(([first, before]) =>
    Object.entries(lineEnds).map(([last, after]) => ({
      name: `${first}, a dot, ${last}`,
      end: `${before}.${after}`,
    })),
  )
  .filter(({ end }) => end !== '\r\n.\r\n');

interface Carrier {
  readonly from: string;
  readonly to: string;
  /** In both messages, in the one that carries and in the other. */
  readonly mark: string;
  readonly end: string;
  /** Whom the other is from. */
  readonly forged: string;
}

describeWorld('SMTP smuggling', (start) => {
  let world: World;
  beforeAll(async () => {
    world = await start();
    // Mail from a domain that is none would be refused for that.
    world.dns.add({ 'bank.example': { A: [world.outside.address] } });
  });

  /** The codes of all replies after that to DATA. */
  const smuggle = async (
    client: SmtpClient,
    { from, to, mark, end, forged }: Carrier,
  ): Promise<readonly number[]> => {
    expect(await client.command(`MAIL FROM:<${from}>`)).toMatchObject({ code: 250 });
    expect(await client.command(`RCPT TO:<${to}>`)).toMatchObject({ code: 250 });
    expect(await client.command('DATA')).toMatchObject({ code: 354 });
    const codes: number[] = [];
    let asked = () => {};
    const askedForMore = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const listen = async (): Promise<void> => {
      for (let { code } = await client.reply(); code !== 0; { code } = await client.reply()) {
        codes.push(code);
        if (code === 354) asked();
      }
    };
    const listening = listen();
    const commands = [`MAIL FROM:<${forged}>`, 'RCPT TO:<bob@example.com>', 'DATA', ''].join('\r\n');
    client.conversation.write(`${messageOf({ from, to, subject: `carries ${mark}` })}body${end}${commands}`);
    // Whoever is fooled asks for the text of the second message now, and refuses it when it was there before
    // (smtpd_forbid_unauth_pipelining). That alone must not be what saves us.
    await Promise.race([askedForMore, sleep(1000)]);
    client.conversation.write(`Subject: smuggled ${mark}\r\n\r\nPay at once.\r\n.\r\nQUIT\r\n`);
    await listening;
    client.conversation.close();
    return codes;
  };

  /** All of them that lie in a mailbox, or in quarantine. */
  const stored = async (mark: string): Promise<readonly string[]> => {
    const folders = ['mail', 'amavis'].map((folder) => join(world.data, folder));
    const { stdout } = await tryRun([
      'grep',
      '--recursive',
      '--files-with-matches',
      '--fixed-strings',
      mark,
      ...folders,
    ]);
    return stdout
      .split('\n')
      .filter((path) => /\/(new|cur|virusmails)\//.test(path))
      .map((path) => readFileSync(path, 'latin1'));
  };
  const arrived = async (mark: string, count: number): Promise<readonly string[]> => {
    const messages = await eventually(`${count} with "${mark}" stored`, async () => {
      const now = await stored(mark);
      return now.length >= count && now;
    });
    await queueIsEmpty(world);
    expect(await stored(mark)).toEqual(messages);
    return messages;
  };
  const sentOut = async (mark: string) => {
    await world.outside.message(mark);
    await queueIsEmpty(world);
    return world.outside.messages.filter(({ raw }) => raw.includes(mark));
  };

  const login = async (): Promise<SmtpClient> => {
    const client = await connectSubmission(world);
    const reply = await client.authPlain('bob@example.com', passwords['bob@example.com']);
    expect(reply).toMatchObject({ code: 235 });
    return client;
  };

  // One message was taken; then came QUIT.
  const oneMessage = [250, 221];
  const forged = 'ceo@bank.example';
  const smuggled = new RegExp(`MAIL FROM:<${forged}>.*DATA.*Pay at once\\.`, 's');
  const strayLineEnd = /(?<!\r)\n|\r(?!\n)/;

  describe.concurrent('a second message', () => {
    it('would be seen: behind the right end it is taken, and stored', async () => {
      const client = await connectOutside(world);
      const [from, to] = ['someone@elsewhere.example', 'bob@example.com'];
      const carrier = { from, to, mark: 'two in one', end: '\r\n.\r\n', forged: 'clerk@bank.example' };
      expect(await smuggle(client, carrier)).toEqual([250, 250, 250, 354, 250, 221]);
      const messages = await arrived('two in one', 2);
      expect(messages.map((raw) => /^Return-Path: .*$/m.exec(raw)?.[0]).sort()).toEqual([
        'Return-Path: <clerk@bank.example>',
        'Return-Path: <someone@elsewhere.example>',
      ]);
    });

    it.each(falseEnds)('is not smuggled in by $name', async ({ name, end }) => {
      const [from, to, mark] = ['someone@elsewhere.example', 'bob@example.com', `into ${name}.`];
      const client = await connectOutside(world);
      expect(await smuggle(client, { from, to, mark, end, forged })).toEqual(oneMessage);
      const messages = await arrived(mark, 1);
      expect(messages).toEqual([expect.stringMatching(smuggled)]);
      expect(messages[0]).toContain(`Subject: carries ${mark}`);
    });

    it.each(falseEnds)('is not smuggled out by $name from a user', async ({ name, end }) => {
      const [from, to, mark] = ['bob@example.com', 'someone@elsewhere.example', `out of ${name}.`];
      expect(await smuggle(await login(), { from, to, mark, end, forged })).toEqual(oneMessage);
      const messages = await sentOut(mark);
      expect(messages).toEqual([{ ...messages[0], from, to: [to], raw: expect.stringMatching(smuggled) }]);
      expect(messages[0]?.raw).not.toMatch(strayLineEnd);
    });

    it.each(falseEnds)('is not smuggled out by $name in what is forwarded', async ({ name, end }) => {
      const [from, to, mark] = ['someone@elsewhere.example', 'out@example.com', `through ${name}.`];
      const client = await connectOutside(world);
      expect(await smuggle(client, { from, to, mark, end, forged })).toEqual(oneMessage);
      const messages = await sentOut(mark);
      expect(messages).toEqual([
        {
          ...messages[0],
          from: expect.stringMatching(/^SRS0=.*=elsewhere\.example=someone@example\.com$/),
          to: ['someone@elsewhere.example'],
          raw: expect.stringMatching(smuggled),
        },
      ]);
      expect(messages[0]?.raw).not.toMatch(strayLineEnd);
    });
  });

  it('is from nobody who was forged', async () => {
    const { stdout } = await tryRun(['docker', 'logs', 'postfix']);
    const sendersIn = (log: string) => new Set(log.match(/(?<=from=<)[^>]*@bank\.example/g));
    expect(sendersIn(stdout)).toEqual(new Set(['clerk@bank.example']));
    expect(world.outside.messages.filter(({ from }) => from === forged)).toEqual([]);
  });
});
