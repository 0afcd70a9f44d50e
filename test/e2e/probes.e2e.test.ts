// What `mailc apply` asks of the listeners after a change: a healthy system passes, and each thing that breaks is
// found and named. And the account that the canary needs, which nobody else may use or reach.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canaryPasswordSecret } from '../../src/model/canary.ts';
import { probeHost } from '../../src/targets/probe/probe-host.ts';
import { type ProbeResult, probeFailures } from '../../src/targets/probe/probe-result.ts';
import { connectSubmission, messageOf, receive, submit } from './support/clients.ts';
import { type Expected, probeLogLines, reloadLogLines } from './support/log-lines.ts';
import { outageLogLines } from './support/outage-log-lines.ts';
import { queueIsEmpty } from './support/queue.ts';
import { docker, eventually } from './support/run.ts';
import { describeWorld, type World } from './support/shared.ts';

const canary = 'canary@mailc.invalid';

/** What probes leave in the logs of Postfix; and what the tests break. */
const caused: readonly Expected[] = [
  ...outageLogLines,
  ...reloadLogLines,
  ...probeLogLines,
  {
    service: 'postfix',
    line: /host or service dovecot:12345 not found|smtpd pid \d+ exit status 1|smtpd: bad command startup/,
    reason: 'Dovecot is stopped',
  },
  {
    service: 'dovecot',
    line: /user not found from any userdbs|Authenticated user not found from userdb/,
    reason: 'everybody is let in',
  },
];

describeWorld(
  'the probes after an apply',
  (start) => {
    let world: World;
    beforeAll(async () => {
      world = await start();
    });

    const probe = (patience?: number, interrupted = new AbortController().signal) => {
      const [host] = world.system.hosts;
      if (host === undefined) throw new Error('no host');
      const secrets = new Map([[canaryPasswordSecret, world.secret(canaryPasswordSecret)]]);
      return probeHost({
        system: world.system,
        host,
        secrets,
        interrupted,
        ...(patience === undefined ? {} : { patience }),
      });
    };
    const failed = (results: readonly ProbeResult[]): Readonly<Record<string, string>> =>
      Object.fromEntries(
        results
          .filter(({ outcome }) => outcome === 'failed')
          .map(({ listener, message }) => [listener, message]),
      );
    const allPass = async (): Promise<void> => expect(failed(await probe())).toEqual({});

    /** Runs a test with a file as `change` makes it, and puts everything back. */
    const withChanged = async (
      service: 'postfix' | 'dovecot',
      name: string,
      change: (text: string) => string,
      test: () => Promise<void>,
    ): Promise<void> => {
      const path = join(world.data, 'mailc', service, 'current', name);
      const before = readFileSync(path, 'utf8');
      const after = change(before);
      expect(after).not.toBe(before);
      writeFileSync(path, after);
      try {
        await world.reload(service);
        await test();
      } finally {
        writeFileSync(path, before);
        await world.reload(service);
      }
    };

    describe('of a healthy system', () => {
      it('all pass, one for each published port and the canary', async () => {
        const results = await probe();
        expect(results.map(({ listener, outcome, message }) => [listener, outcome, message])).toEqual([
          ['imap', 'proved', 'greets, TLS, refuses a wrong login'],
          ['imaps', 'proved', 'greets, TLS, refuses a wrong login'],
          ['pop3', 'proved', 'greets, TLS, refuses a wrong login'],
          ['pop3s', 'proved', 'greets, TLS, refuses a wrong login'],
          ['sieve', 'proved', 'greets, TLS, refuses a wrong login'],
          ['smtp', 'proved', 'greets, TLS; refuses to relay, and mail to nobody'],
          ['submission', 'proved', 'greets, TLS, refuses a wrong login and mail without one'],
          ['submissions', 'proved', 'greets, TLS, refuses a wrong login and mail without one'],
          ['canary', 'proved', 'went straight, by the filter, by sender rewriting; read by IMAP and removed'],
        ]);
      });

      it('pass again and again, though a login fails each time', async () => {
        for (let apply = 0; apply < 4; apply++) {
          const results = await probe();
          expect(failed(results)).toEqual({});
          expect(Math.max(...results.map(({ took }) => took))).toBeLessThan(30_000);
        }
      });

      it('leave nothing behind', async () => {
        await queueIsEmpty(world);
        const { stdout } = await world.exec('dovecot', [
          'doveadm',
          'search',
          '-u',
          canary,
          'mailbox',
          '*',
          'all',
        ]);
        expect(stdout).toBe('');
        const users = await world.exec('dovecot', ['doveadm', 'user', '*']);
        expect(users.stdout).not.toContain('canary');
      });

      it('end when they are interrupted', async () => {
        const interruption = new AbortController();
        const results = probe(20_000, interruption.signal);
        setTimeout(() => interruption.abort(), 300);
        const begin = Date.now();
        expect(new Set(Object.values(failed(await results)))).toEqual(new Set(['interrupted']));
        expect(Date.now() - begin).toBeLessThan(5000);
      });
    });

    describe('find', () => {
      it('a stopped Dovecot', async () => {
        await docker(['stop', 'dovecot']);
        try {
          const results = await probe(1000);
          expect(Object.keys(failed(results))).toEqual(
            expect.arrayContaining(['imap', 'imaps', 'pop3', 'pop3s', 'sieve', 'canary']),
          );
          const [host] = world.system.hosts;
          if (host === undefined) throw new Error('no host');
          expect(probeFailures(host, results)).toContainEqual(
            expect.objectContaining({
              code: 'probe-failed',
              message:
                'imap of host "mail.example.com": nothing answers at 127.0.0.1 port 20143 (ECONNREFUSED)',
            }),
          );
        } finally {
          await world.script('up.sh');
        }
        await allPass();
      });

      it('a certificate for another name, and one that has expired', async () => {
        const folder = join(world.data, '../tls');
        const tls = [
          'imap',
          'imaps',
          'pop3',
          'pop3s',
          'sieve',
          'smtp',
          'submission',
          'submissions',
          'canary',
        ];
        const certificates = [
          {
            name: 'other.example.com',
            days: 30,
            message: /certificate is for "DNS:other\.example\.com", not for/,
          },
          { name: world.host, days: -1, message: /certificate has expired/ },
        ];
        try {
          for (const { name, days, message } of certificates) {
            await world.authority.issue(name, folder, days);
            await world.reload('postfix');
            await world.reload('dovecot');
            await eventually('the probes to find it', async () => {
              const found = failed(await probe(0));
              return tls.every((listener) => message.test(found[listener] ?? ''));
            });
          }
        } finally {
          await world.authority.issue(world.host, folder);
          await world.reload('postfix');
          await world.reload('dovecot');
        }
        await allPass();
      });

      it('an open relay', () =>
        withChanged(
          'postfix',
          'main.cf',
          (text) =>
            text
              .replace(/^mynetworks = .*$/m, 'mynetworks = 0.0.0.0/0')
              .replace(
                'smtpd_relay_restrictions = reject_unauth',
                'smtpd_relay_restrictions = permit_mynetworks, reject_unauth',
              ),
          async () => {
            expect(failed(await probe(1000))).toEqual({
              smtp: expect.stringMatching(/^a foreign domain, nobody@relay\.mailc\.invalid, is accepted/),
            });
          },
        ));

      it('a server that takes mail for everybody', () =>
        withChanged(
          'postfix',
          'main.cf',
          (text) =>
            text
              .replace(/^ {4}reject_unlisted_recipient$/m, '    check_recipient_access static:OK')
              .replace(
                'smtpd_relay_restrictions',
                'smtpd_reject_unlisted_recipient = no\nsmtpd_relay_restrictions',
              ),
          async () => {
            expect(failed(await probe(1000)).smtp).toMatch(/^an unknown user, .*, is accepted/);
          },
        ));

      it('logins offered before TLS, by Postfix', () =>
        withChanged(
          'postfix',
          'main.cf',
          (text) => text.replace('smtpd_tls_auth_only = yes', 'smtpd_tls_auth_only = no'),
          () =>
            withChanged(
              'postfix',
              'master.cf',
              (text) => text.replace('smtpd_tls_security_level=encrypt', 'smtpd_tls_security_level=may'),
              async () => {
                expect(failed(await probe(1000)).submission).toMatch(/^a login is offered before TLS/);
              },
            ),
        ));

      it('logins offered before TLS, by Dovecot', () =>
        withChanged(
          'dovecot',
          'dovecot.conf',
          (text) =>
            text
              .replace('auth_allow_cleartext = no', 'auth_allow_cleartext = yes')
              .replace('ssl = required', 'ssl = yes'),
          async () => {
            const found = failed(await probe(1000));
            expect(Object.keys(found)).toEqual(['imap', 'pop3', 'sieve']);
            expect(new Set(Object.values(found))).toEqual(
              new Set(['a login is offered before TLS, so passwords would cross the wire in clear']),
            );
          },
        ));
    });

    describe('the account of the canary', () => {
      const refused = { code: 550, text: expect.stringContaining('5.1.1') };

      it.each([canary, 'canary-filter@mailc.invalid', 'canary-out@mailc.invalid'])(
        'takes no mail from elsewhere, as %s',
        async (to) => {
          expect(await receive(world, { to, subject: 'to the canary' })).toMatchObject(refused);
        },
      );

      it.each([canary, 'canary-filter@mailc.invalid', 'canary-out@mailc.invalid'])(
        'takes no mail from users, as %s',
        async (to) => {
          expect(await submit(world, 'bob@example.com', { to, subject: 'to the canary' })).toMatchObject(
            refused,
          );
        },
      );

      it("is nobody else's sender", async () => {
        const mail = { to: 'alice@example.com', subject: 'from the canary' };
        expect(await receive(world, mail, canary)).toMatchObject({ code: 550 });
        expect(await submit(world, 'bob@example.com', { ...mail, from: canary })).toMatchObject({
          code: 553,
        });
      });

      it('writes to nobody else', async () => {
        for (const to of ['alice@example.com', 'someone@elsewhere.example', 'nobody@mailc.invalid']) {
          const client = await connectSubmission(world);
          expect(await client.authPlain(canary, world.secret(canaryPasswordSecret))).toMatchObject({
            code: 235,
          });
          const reply = await client.send(canary, [to], messageOf({ to, subject: 'of the canary' }));
          expect(reply.code, to).toBe(554);
          await client.quit();
        }
      });
    });

    afterAll(async () => {
      await queueIsEmpty(world);
    });
  },
  caused,
);
