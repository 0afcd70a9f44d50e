// What happens to mail when a part of the system dies, is away, comes back elsewhere, or is given new
// configuration: nothing is lost, nothing bounces, and all is well again within ten seconds, on top of what a
// message takes on this machine anyway.

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import type { ImapFlow } from 'imapflow';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  connectSubmission,
  deliveryTime,
  imapOf,
  messageIn,
  messageOf,
  messagesIn,
  receiveUntilTaken,
  submit,
  tlsOf,
} from './support/clients.ts';
import { reloadLogLines } from './support/log-lines.ts';
import { passwords } from './support/organisation.ts';
import { outageLogLines } from './support/outage-log-lines.ts';
import { Outages, takeAddress } from './support/outages.ts';
import { queued, queueIsEmpty } from './support/queue.ts';
import { docker, eventually } from './support/run.ts';
import { describeWorld, type World } from './support/shared.ts';
import type { SmtpClient } from './support/smtp-client.ts';

const containers = ['amavis', 'clamav', 'dovecot', 'opendkim', 'postfix', 'postgres'] as const;

describeWorld(
  'a system that loses a part',
  (start) => {
    let world: World;
    /** Milliseconds that a message takes to the mailbox on this machine when nothing is wrong. */
    let usual = 0;
    beforeAll(async () => {
      world = await start();
      usual = await deliveryTime(world, 'bob@example.com', 'when nothing is wrong');
    });

    const untilTaken = (subject: string): Promise<void> =>
      receiveUntilTaken(world, { to: 'bob@example.com', subject });

    /** As a user's program would, which keeps a message in its outbox after a temporary error. */
    const untilSubmitted = (subject: string): Promise<unknown> =>
      eventually(
        `"${subject}" submitted`,
        async () => {
          const reply = await submit(world, 'bob@example.com', { to: 'someone@elsewhere.example', subject });
          expect(reply.code, reply.text).toBeLessThan(500);
          return reply.code === 250;
        },
        10_000,
      );

    /** When it was last started, in milliseconds since 1970, and its process 1. */
    const lastStart = async (container: string): Promise<{ readonly at: number; readonly pid: number }> => {
      const format = '{{.State.StartedAt}} {{.State.Pid}}';
      const [at = '', pid] = (await docker(['inspect', '--format', format, container])).split(' ');
      return { at: Date.parse(at), pid: Number(pid) };
    };

    const healthy = (container: string): Promise<void> => world.script(`${container}.sh`, '--wait');

    it.each(containers)(
      'survives the death of %s, loses nothing and doubles nothing',
      async (container) => {
        const subjects = ['before', 'meanwhile', 'after'].map((when) => `${when} the death of ${container}`);
        const [before = '', meanwhile = '', after = ''] = subjects;
        await untilTaken(before);
        // What Amavis still has then comes once more (RFC 1047): of that `outages` gives account.
        if (container === 'postfix') await messageIn(world, 'bob@example.com', before);
        // Not `docker kill`, after which Docker leaves a container alone.
        const { at, pid } = await lastStart(container);
        process.kill(pid, 'SIGKILL');
        const taken = untilTaken(meanwhile);
        const returned = await eventually(`${container} started again`, async () => {
          const again = await lastStart(container);
          return again.at > at && again.pid > 0 && again.at;
        });
        await taken;
        await healthy(container);
        await messageIn(world, 'bob@example.com', meanwhile);
        expect(Date.now() - returned).toBeLessThan(10_000 + usual);
        await untilTaken(after);
        await messageIn(world, 'bob@example.com', after);
        await untilSubmitted(`${after}, from here`);
        expect(Date.now() - returned).toBeLessThan(15_000 + usual);
        await queueIsEmpty(world, 60_000);
        const counts: number[] = [];
        for (const subject of subjects)
          counts.push((await messagesIn(world, 'bob@example.com', subject)).length);
        expect(counts).toEqual([1, 1, 1]);
      },
      180_000,
    );

    it.each([
      { container: 'amavis', changes: 'both its addresses' },
      { container: 'dovecot', changes: 'both its addresses' },
      // Docker makes the Ethernet address of it, so whoever knows the other one has an old Ethernet address for that.
      { container: 'dovecot', changes: 'its IPv4 address' },
    ] as const)(
      'keeps mail while $container is away and has no name, and delivers when it is back with $changes changed',
      async ({ container, changes }) => {
        const only4 = changes === 'its IPv4 address';
        if (only4) {
          // From now on its addresses are the lowest that are free, which Docker gives first.
          await docker(['restart', container]);
          await healthy(container);
          await world.exec('postfix', [
            'bash',
            '-c',
            `exec 3<>/dev/tcp/${await world.addressOf6(container)}/24`,
          ]);
        }
        const address6 = await world.addressOf6(container);
        const [away, back] = [`while ${container} is away`, `when ${container} is back`].map(
          (subject) => `${subject} with ${changes} changed`,
        ) as [string, string];
        const { address, release } = await takeAddress(world, container, only4 ? 'another' : 'its own');
        try {
          await untilTaken(away);
          await eventually('a deferred message', () => queued(world, ['deferred']) > 0);
          const returned = Date.now();
          await docker(['start', container]);
          expect(await world.addressOf(container)).not.toBe(address);
          expect((await world.addressOf6(container)) === address6).toBe(only4);
          await untilTaken(back);
          for (const subject of [back, away]) await messageIn(world, 'bob@example.com', subject);
          expect(Date.now() - returned).toBeLessThan(10_000 + usual);
          await queueIsEmpty(world);
          for (const subject of [back, away]) {
            expect(await messagesIn(world, 'bob@example.com', subject)).toHaveLength(1);
          }
        } finally {
          await release();
        }
      },
      180_000,
    );

    it('tries mail for others no sooner because a part is back', async () => {
      world.outside.answerTo('slow@elsewhere.example', '451 4.7.1 later');
      const tries = async () =>
        [...(await world.logsOf('postfix')).matchAll(/to=<slow@elsewhere\.example>.* status=deferred/g)]
          .length;
      const mail = { to: 'slow@elsewhere.example', subject: 'for the slow' };
      expect(await submit(world, 'bob@example.com', mail)).toMatchObject({ code: 250 });
      await eventually('a try', async () => (await tries()) > 0, 45_000);
      await docker(['stop', 'dovecot']);
      try {
        await untilTaken('for somebody here');
        await eventually('two deferred messages', () => queued(world, ['deferred']) > 1, 45_000);
      } finally {
        await docker(['start', 'dovecot']);
      }
      await healthy('dovecot');
      await messageIn(world, 'bob@example.com', 'for somebody here');
      expect(await tries()).toBe(1);
      world.outside.answerTo('slow@elsewhere.example', null);
      await world.exec('postfix', ['postqueue', '-f']);
      await world.outside.message('Subject: for the slow');
    }, 120_000);

    it('never lets mail through unscanned while ClamAV is away', async () => {
      await docker(['stop', 'clamav']);
      try {
        await untilTaken('not scanned yet');
        await eventually('a deferred message', () => queued(world, ['deferred']) > 0);
        expect(await messagesIn(world, 'bob@example.com', 'not scanned yet')).toEqual([]);
        const mail = { to: 'alice@example.com', subject: 'not scanned either' };
        expect((await submit(world, 'bob@example.com', mail)).code).toSatisfy(
          (code: number) => code >= 400 && code < 500,
        );
      } finally {
        await docker(['start', 'clamav']);
      }
      const returned = (await lastStart('clamav')).at;
      await messageIn(world, 'bob@example.com', 'not scanned yet');
      expect(Date.now() - returned).toBeLessThan(10_000 + usual);
      await untilSubmitted('scanned again');
    }, 180_000);

    it('lets no mail out unsigned while OpenDKIM is away', async () => {
      await docker(['stop', 'opendkim']);
      try {
        const mail = { to: 'someone@elsewhere.example', subject: 'not signed yet' };
        const reply = await submit(world, 'bob@example.com', mail);
        expect(reply.code).toSatisfy((code: number) => code >= 400 && code < 500);
      } finally {
        await docker(['start', 'opendkim']);
      }
      await healthy('opendkim');
      await untilSubmitted('signed again');
      const { raw } = await world.outside.message('Subject: signed again');
      expect(raw).toMatch(/^DKIM-Signature:/);
      expect(world.outside.messages.filter((message) => message.raw.includes('not signed yet'))).toEqual([]);
    }, 120_000);

    describe('and is reloaded', () => {
      let smtp: SmtpClient;
      let imap: ImapFlow;
      let silentSince: number;
      beforeAll(async () => {
        smtp = await connectSubmission(world);
        await smtp.authPlain('bob@example.com', passwords['bob@example.com']);
        imap = await imapOf(world, 'bob@example.com');
        silentSince = Date.now();
      });

      it('loses, doubles and refuses no message while that happens ten times', async () => {
        const outages = await Outages.begin(world);
        outages.traffic.during = 'reloads of Dovecot';
        for (let times = 0; times < 10; times += 1) {
          await world.reload('dovecot');
          await sleep(700);
        }
        await outages.end();
        expect(outages.misplaced()).toEqual([]);
        expect(outages.refused()).toEqual([]);
      }, 120_000);

      it('keeps the connections of Postfix and Dovecot', async () => {
        // By default Dovecot would send away who has been silent for ten seconds.
        await sleep(silentSince + 11_000 - Date.now());
        await world.reload('postfix');
        await world.reload('dovecot');
        await sleep(2000);
        const mail = { from: 'bob@example.com', to: 'alice@example.com', subject: 'through a reload' };
        expect(await smtp.send(mail.from, [mail.to], messageOf(mail))).toMatchObject({ code: 250 });
        await smtp.quit();
        expect(await imap.status('INBOX', { messages: true })).toMatchObject({ path: 'INBOX' });
        await imap.logout();
        await messageIn(world, 'alice@example.com', 'through a reload');
      }, 60_000);

      it('serves a renewed certificate', async () => {
        const folder = join(world.data, '../tls');
        const { certificate } = await world.authority.issue(world.host, folder);
        const renewed = new X509Certificate(readFileSync(certificate)).fingerprint256;
        await world.reload('postfix');
        await world.reload('dovecot');
        for (const [container, port] of [
          ['postfix', 465],
          ['dovecot', 993],
        ] as const) {
          const host = await world.addressOf(container);
          await eventually(
            `the new certificate on ${port}`,
            async () => (await fingerprintOf(world, host, port)) === renewed,
          );
        }
      });
    });

    describe('and is stopped', () => {
      it('stops cleanly, each part within its time', async () => {
        for (const container of [...containers].reverse()) {
          const begin = Date.now();
          await world.script(`${container}.sh`, '--stop');
          const seconds = (Date.now() - begin) / 1000;
          const exit = (await docker(['inspect', '--format', '{{.State.ExitCode}}', container])).trim();
          // OpenDKIM by itself would take up to five.
          const inTime = seconds < (container === 'opendkim' ? 3 : 10);
          expect({ container, exit, inTime }).toEqual({ container, exit: '0', inTime: true });
        }
      }, 120_000);

      it('stops at once also where it has only just been started', async () => {
        await docker(['stop', ...containers]);
        // Postfix hears it half a second later: it is process 1.
        const others = containers.filter((container) => container !== 'postfix');
        const stopped = await Promise.all(
          others.map(async (container) => {
            await docker(['start', container]);
            // Process 1 itself takes a moment to listen.
            await sleep(500);
            const begin = Date.now();
            await docker(['stop', container]);
            // Else Docker kills it, after ten seconds at the earliest.
            return { container, inTime: Date.now() - begin < 9000 };
          }),
        );
        expect(stopped.filter(({ inTime }) => !inTime)).toEqual([]);
      }, 120_000);

      it('starts again, each part after what it needs', async () => {
        await world.script('up.sh');
        const started = Object.fromEntries(
          await Promise.all(containers.map(async (one) => [one, (await lastStart(one)).at] as const)),
        ) as Record<(typeof containers)[number], number>;
        for (const [first, then] of [
          ['postgres', 'dovecot'],
          ['clamav', 'amavis'],
          ['dovecot', 'postfix'],
          ['opendkim', 'postfix'],
          ['postgres', 'postfix'],
        ] as const)
          expect(started[first], `${first} before ${then}`).toBeLessThan(started[then]);
        await untilTaken('after a stop');
        await messageIn(world, 'bob@example.com', 'after a stop');
      }, 120_000);
    });

    it('lists no more than it should on its ports inside', async () => {
      // Whoever is not in the mail network sees the published ports only.
      const listening = async (container: string): Promise<readonly number[]> => {
        const { stdout } = await world.exec(container, ['cat', '/proc/net/tcp', '/proc/net/tcp6']);
        const ports = [...stdout.matchAll(/^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F]+:0000 0A/gm)]
          .filter((match) => !/^(0100007F|0B00007F|0{24}01000000)$/.test(match[1] ?? ''))
          .map((match) => Number.parseInt(match[2] ?? '', 16));
        return [...new Set(ports)].sort((a, b) => a - b);
      };
      expect(await listening('postfix')).toEqual([25, 465, 587, 10025]);
      expect(await listening('amavis')).toEqual([10024]);
      expect(await listening('clamav')).toEqual([3310, 7357]);
      expect(await listening('opendkim')).toEqual([8891]);
    });
  },
  [...outageLogLines, ...reloadLogLines],
);

function fingerprintOf(world: World, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ...tlsOf(world) }, () => {
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      resolve(fingerprint256);
    });
    socket.on('error', reject);
  });
}
