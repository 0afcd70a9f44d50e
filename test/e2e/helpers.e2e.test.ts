// Processes that stand beside a daemon in its container are killed. Each comes back by itself within seconds, without a
// restart of the container, and does its work again.

import { beforeAll, expect, it } from 'vitest';
import { composed, eicar } from './support/attachments.ts';
import { connectOutside, messageIn, receiveUntilTaken, submit } from './support/clients.ts';
import { outageLogLines } from './support/outage-log-lines.ts';
import { queued, queueIsEmpty } from './support/queue.ts';
import { docker, eventually } from './support/run.ts';
import { describeWorld, type World } from './support/shared.ts';

/** What the loops of the entrypoints say. */
const restarts = [
  { service: 'clamav', line: /^freshclam ended; starting it again in \d s$/ },
  { service: 'clamav', line: /^clamav-milter ended; starting it again$/ },
  { service: 'opendkim', line: /^\/usr\/local\/bin\/entrypoint: line \d+: +\d+ Killed +busybox syslogd / },
  { service: 'postfix', line: /^postsrsd ended; starting it again$/ },
] as const;

describeWorld(
  'a process that is killed beside a daemon comes back:',
  (start) => {
    let world: World;
    beforeAll(async () => {
      world = await start();
    });

    /** Process ids of this machine. */
    const processes = async (container: string, program: RegExp): Promise<readonly number[]> => {
      const lines = (await docker(['top', container, '-o', 'pid,args'])).split('\n').slice(1);
      const found = lines.map((line) => /^ *(\d+) +(.*)$/.exec(line));
      return found.flatMap((match) => (match?.[2] && program.test(match[2]) ? [Number(match[1])] : []));
    };

    const kill = async (container: string, program: RegExp): Promise<readonly number[]> => {
      const killed = await processes(container, program);
      expect(killed.length, `${program} in ${container}`).toBeGreaterThan(0);
      for (const id of killed) process.kill(id, 'SIGKILL');
      return killed;
    };

    /** Kills it and waits until there is another one. */
    const survives = async (container: string, program: RegExp): Promise<void> => {
      const startedAt = (): Promise<string> =>
        docker(['inspect', '--format', '{{.State.StartedAt}}', container]);
      const before = await startedAt();
      const killed = await kill(container, program);
      await eventually(
        `another ${program} in ${container}`,
        async () => {
          const now = await processes(container, program);
          return now.length > 0 && now.every((id) => !killed.includes(id));
        },
        10_000,
      );
      expect(await startedAt()).toBe(before);
    };

    it('freshclam, which is started again later the sooner it has ended', async () => {
      const before = (await world.logsOf('clamav')).length;
      await survives('clamav', /^freshclam --daemon/);
      await survives('clamav', /^freshclam --daemon/);
      const log = (await world.logsOf('clamav')).slice(before);
      expect(log.match(/freshclam ended; starting it again in \d+ s/g)).toEqual([
        'freshclam ended; starting it again in 1 s',
        'freshclam ended; starting it again in 2 s',
      ]);
    });

    it('clamav-milter, without which nothing is taken', async () => {
      await survives('clamav', /^clamav-milter /);
      await receiveUntilTaken(world, { to: 'bob@example.com', subject: 'after the milter' });
      await messageIn(world, 'bob@example.com', 'after the milter');
      const client = await connectOutside(world);
      const virus = await composed('a virus after the milter', 'bob@example.com', [
        { filename: 'eicar.com', content: eicar },
      ]);
      expect(await client.send('someone@elsewhere.example', ['bob@example.com'], virus)).toMatchObject({
        code: 550,
      });
      await client.quit();
    });

    it('postsrsd, without which what is forwarded waits', async () => {
      await survives('postfix', /^postsrsd /);
      await receiveUntilTaken(world, { to: 'out@example.com', subject: 'after postsrsd' });
      expect(await world.outside.message('Subject: after postsrsd')).toMatchObject({
        from: expect.stringMatching(/^SRS0=/),
      });
    });

    it('release-waiting, without which mail comes minutes after the container that it waited for', async () => {
      await docker(['stop', 'dovecot']);
      try {
        await receiveUntilTaken(world, { to: 'bob@example.com', subject: 'after release-waiting' });
        await eventually('a deferred message', () => queued(world, ['deferred']) > 0);
        await survives('postfix', /^\/bin\/bash \/usr\/local\/bin\/release-waiting/);
      } finally {
        await docker(['start', 'dovecot']);
      }
      await world.script('dovecot.sh', '--wait');
      await messageIn(world, 'bob@example.com', 'after release-waiting');
      await queueIsEmpty(world);
    });

    it("OpenDKIM's syslogd, without which nobody knows what is signed", async () => {
      await survives('opendkim', /^busybox syslogd /);
      const signed = async (): Promise<number> =>
        [...(await world.logsOf('opendkim')).matchAll(/DKIM-Signature field added/g)].length;
      const before = await signed();
      const mail = { to: 'someone@elsewhere.example', subject: 'after syslogd' };
      expect(await submit(world, 'bob@example.com', mail)).toMatchObject({ code: 250 });
      await eventually('a line about it', async () => (await signed()) > before);
    });
  },
  [...outageLogLines, ...restarts.map((one) => ({ ...one, reason: 'killed by the test' }))],
);
