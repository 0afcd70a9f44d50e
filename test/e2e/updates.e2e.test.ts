// SpamAssassin's rules and ClamAV's signatures come from the world outside, whose place the test's own DNS and web
// server take: what is new and good is used, what is broken, unsigned or not to be had changes nothing.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composed } from './support/attachments.ts';
import { header, messageIn, receive } from './support/clients.ts';
import { reloadLogLines } from './support/log-lines.ts';
import { eventually, type Ran, run } from './support/run.ts';
import { describeWorld, type World } from './support/shared.ts';
import { SmtpClient } from './support/smtp-client.ts';
import { startWebServer, type WebServer } from './support/web-server.ts';

const channel = 'rules.updates.example';

describeWorld(
  'updates',
  (start) => {
    let world: World;
    let web: WebServer;
    beforeAll(async () => {
      world = await start();
      web = await startWebServer(world.gateway);
    });
    afterAll(() => web?.stop());

    describe("of SpamAssassin's rules", () => {
      /** As sa-update's channels are published: the version in DNS, the archive and its checksum on a mirror. */
      const publish = async (version: number, rules: string): Promise<void> => {
        const folder = mkdtempSync(join(tmpdir(), 'mailc-rules-'));
        writeFileSync(join(folder, 'channel.cf'), rules);
        await run(['tar', '-czf', join(folder, 'rules.tar.gz'), '-C', folder, 'channel.cf']);
        const archive = Buffer.from(
          await run(['base64', '--wrap=0', join(folder, 'rules.tar.gz')]),
          'base64',
        );
        rmSync(folder, { recursive: true });
        const name = `/${version}.tar.gz`;
        const sum = createHash('sha256').update(archive).digest('hex');
        web.files.set(name, archive).set(`${name}.sha256`, `${sum}  ${version}.tar.gz\n`);
        web.files.set('/MIRRORED.BY', `${web.url}/\n`);
        world.dns.add({
          // 4.0.1 backwards
          [`1.0.4.${channel}`]: { TXT: [String(version)] },
          [`mirrors.${channel}`]: { TXT: [`${web.url}/MIRRORED.BY`] },
        });
      };

      const update = (...options: readonly string[]): Promise<Ran> =>
        world.exec('amavis', ['update-rules', '--channel', channel, ...options]);

      const rulesThatHit = async (subject: string): Promise<string> => {
        await receive(world, { to: 'bob@example.com', subject });
        const { raw } = await messageIn(world, 'bob@example.com', subject);
        return header(raw, 'X-Spam-Status') ?? '';
      };

      afterAll(async () => {
        // What the package brings is used again.
        await world?.exec('amavis', ['sh', '-c', 'rm -rf /var/lib/spamassassin/4.*']);
        await world?.reload('amavis');
      });

      it('are not taken without a signature', async () => {
        await publish(100, 'header MAILC_UPDATED Subject =~ /bargain/\nscore MAILC_UPDATED 0.5\n');
        expect(await update()).toMatchObject({
          code: 1,
          stdout: expect.stringMatching(/^<4>update-rules: newer rules could not be fetched; .*stay/),
        });
      });

      it('are used as soon as Amavis has reloaded', async () => {
        expect(await update('--nogpg')).toEqual({
          code: 0,
          stdout: '<6>update-rules: newer rules are in use\n',
          stderr: '',
        });
        // Amavis reloads in its own time, a few seconds.
        let n = 0;
        await eventually('a message that the new rules hit', async () =>
          (await rulesThatHit(`bargain ${++n}`)).includes('MAILC_UPDATED=0.5'),
        );
      });

      it('are left alone when there are no newer ones', async () => {
        expect(await update('--nogpg')).toEqual({ code: 2, stdout: '', stderr: '' });
      });

      it('stay as they are when newer ones are broken', async () => {
        await publish(101, 'header MAILC_UPDATED Subject =~ /bargain((/\n');
        expect(await update('--nogpg')).toMatchObject({
          code: 1,
          stdout: expect.stringMatching(/^<4>.*stay/),
        });
        expect(await rulesThatHit('another bargain')).toContain('MAILC_UPDATED=0.5');
      });

      it('stay as they are when the mirror is away', async () => {
        await publish(102, '# nothing\n');
        web.files.clear();
        expect(await update('--nogpg')).toMatchObject({
          code: 1,
          stdout: expect.stringMatching(/^<4>.*stay/),
        });
        expect(await rulesThatHit('one more bargain')).toContain('MAILC_UPDATED=0.5');
      });
    });

    describe("of ClamAV's signatures", () => {
      it('are fetched from a mirror, and a virus that they name is refused', async () => {
        const marker = `a virus of ${Date.now()}`;
        const signature = `New-E2E-Test:0:*:${Buffer.from(marker).toString('hex')}\n`;
        web.files.set('/new.ndb', signature);
        const subject = 'a virus that is new';
        const attachment = { filename: 'new.bin', content: Buffer.from(marker) };
        const answer = async () => {
          const peer = { host: await world.addressOf('postfix'), port: 25, from: world.outside.address };
          const client = await SmtpClient.connect(peer);
          await client.command('EHLO mx.elsewhere.example');
          const message = await composed(subject, 'bob@example.com', [attachment]);
          const reply = await client.send('someone@elsewhere.example', ['bob@example.com'], message);
          await client.quit();
          return reply;
        };
        expect(await answer()).toMatchObject({ code: 250 });
        await messageIn(world, 'bob@example.com', subject);

        // The rendered configuration but for its source.
        const script = `
        sed '/^DatabaseMirror\\|^DNSDatabaseInfo/d' /etc/mailc/current/freshclam.conf >/tmp/freshclam.conf
        printf '%s\\n' 'DatabaseCustomURL ${web.url}/new.ndb' 'PrivateMirror ${web.url}' >>/tmp/freshclam.conf
        setpriv --reuid=clamav --regid=clamav --init-groups freshclam --config-file=/tmp/freshclam.conf \\
          --update-db=custom --stdout`;
        const fetched = await world.exec('clamav', ['sh', '-c', script]);
        expect(fetched.code, fetched.stdout + fetched.stderr).toBe(0);
        expect(fetched.stdout).toContain('new.ndb updated');
        expect(fetched.stdout).toContain('Clamd successfully notified about the update.');
        expect(await answer()).toMatchObject({ code: 550, text: expect.stringContaining('New-E2E-Test') });
      });
    });
  },
  reloadLogLines,
);
