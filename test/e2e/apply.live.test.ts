// mailc apply as the way a mail system is run: from nothing to mail in a mailbox, then one change after another on a
// system that is in use.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImapFlow } from 'imapflow';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeDocker } from './support/describe-docker.ts';
import { hashOf } from './support/hash-of.ts';
import { aLiveHost, type LiveHost } from './support/live-host.ts';
import { type Expected, probeLogLines, reloadLogLines, unexpectedOf } from './support/log-lines.ts';
import { docker, eventually } from './support/run.ts';
import { smallHost, smallOrganisation, smallPasswords, smallPorts } from './support/small-organisation.ts';
import { Stream } from './support/stream.ts';

describeDocker('mailc apply on a live host', ({ postgresImage }) => {
  let host: LiveHost;
  let firstOutput = '';

  beforeAll(async () => {
    host = await aLiveHost({
      host: smallHost,
      postgresImage,
    });
    await host.commit(smallOrganisation(host.places));
    firstOutput = await host.apply();
  });

  afterAll(async () => {
    try {
      const services = ['dovecot', 'opendkim', 'postfix', 'postgres'] as const;
      const expected: readonly Expected[] = [
        ...reloadLogLines,
        ...probeLogLines,
        {
          service: 'dovecot',
          line: /master: Warning: Killed with signal 15/,
          reason: 'restarted for another certificate, and for the one before',
        },
      ];
      expect(await unexpectedOf(services, host.logsOf, expected)).toEqual([]);
    } finally {
      await host.stop();
    }
  });

  const imap = async (
    user: keyof typeof smallPasswords,
    pass: string = smallPasswords[user],
  ): Promise<ImapFlow> => {
    const client = new ImapFlow({
      host: '127.0.0.1',
      port: smallPorts.imaps,
      secure: true,
      tls: { ca: host.authority.ca, servername: smallHost },
      auth: { user: `${user}@example.com`, pass },
      logger: false,
    });
    await client.connect();
    return client;
  };

  /** Everything that an apply could have written below DATA/mailc, with its time. */
  const written = (): readonly string[] =>
    readdirSync(join(host.data, 'mailc'), { recursive: true, encoding: 'utf8' })
      .sort()
      .map((path) => {
        const { mtimeMs, ctimeMs, ino } = statSync(join(host.data, 'mailc', path), {
          throwIfNoEntry: false,
        }) ?? {
          mtimeMs: 0,
          ctimeMs: 0,
          ino: 0,
        };
        return `${path} ${mtimeMs} ${ctimeMs} ${ino}`;
      });

  const sql = (statement: string): Promise<string> =>
    docker(['exec', 'postgres', 'psql', '-qAt', '-U', 'postgres', '-d', 'mail', '-c', statement]);

  const rowVersions = (): Promise<string> =>
    sql(`SELECT 'u', name, xmin::text, ctid::text FROM users
         UNION ALL SELECT 'a', name, xmin::text, ctid::text FROM alias
         UNION ALL SELECT 'd', domain, xmin::text, ctid::text FROM domains ORDER BY 1, 2, 3`);

  /** What Postfix did with messages of these ids. */
  const logOf = async (ids: readonly string[]): Promise<string> => {
    const lines = (await docker(['logs', 'postfix'])).split('\n');
    const queueIds = lines.flatMap((line) =>
      ids.some((id) => line.includes(id)) ? [/: ([0-9A-Za-z]{10,}): /.exec(line)?.[1] ?? ''] : [],
    );
    return lines.filter((line) => queueIds.some((id) => id !== '' && line.includes(id))).join('\n');
  };

  const plan = async (): Promise<string> => (await host.mailc(['plan', '--root', '/'])).stdout;

  it('brings everything up from nothing, and then has nothing left to do', async () => {
    expect(firstOutput).toMatch(/Applied: \d+ to create, 0 to update, 0 to delete\./);
    expect([...(await host.containers()).keys()].sort()).toEqual([
      'dovecot',
      'opendkim',
      'postfix',
      'postgres',
    ]);
    expect(await plan()).toBe('No changes.\n');
  });

  it('writes nothing and is done within two seconds when nothing has changed', async () => {
    const before = [written(), await rowVersions(), [...(await host.containers())]];
    const since = new Date().toISOString();
    const started = performance.now();
    expect(await host.apply()).toMatch(/^No changes\.\n/);
    const took = performance.now() - started;
    expect([written(), await rowVersions(), [...(await host.containers())]]).toEqual(before);
    const events = execFileSync(
      'docker',
      ['events', '--since', since, '--until', new Date().toISOString(), '--filter', 'type=container'],
      { encoding: 'utf8' },
    );
    // What the healthchecks and the connection to the database run inside is no change of a container.
    const changes = events
      .split('\n')
      .filter((line) => /container (start|stop|die|kill|restart|create|destroy)/.test(line));
    expect(changes).toEqual([]);
    expect(took).toBeLessThan(2000);
  });

  it('changes one password in one row, and not one of fifty IMAP sessions drops', async () => {
    const sessions = await Promise.all(Array.from({ length: 50 }, () => imap('alice')));
    let dropped = 0;
    for (const session of sessions) session.on('close', () => dropped++);
    const [rows, containers] = [await rowVersions(), await host.containers()];

    await host.commit(smallOrganisation(host.places, { bobsHash: hashOf('bob: another one') }));
    await host.apply('--allow', 'changes-password');

    const changed = (await rowVersions()).split('\n').filter((row) => !rows.split('\n').includes(row));
    expect(changed.map((row) => row.split('|').slice(0, 2).join(' '))).toEqual(['u bob']);
    expect(await host.containers()).toEqual(containers);
    await Promise.all(sessions.map((session) => session.noop()));
    expect(dropped).toBe(0);
    await expect(imap('bob')).rejects.toThrow();
    await (await imap('bob', 'bob: another one')).logout();
    await Promise.all(sessions.map((session) => session.logout()));
    await host.commit(smallOrganisation(host.places));
    await host.apply('--allow', 'changes-password');
  });

  it('loses and doubles nothing of twenty connections while main.cf changes twenty times', {
    timeout: 600_000,
  }, async () => {
    const containers = await host.containers();
    const stream = new Stream({
      port: smallPorts.smtp,
      to: 'alice@example.com',
      folder: join(host.data, 'mail'),
      connections: 20,
    });
    stream.start();
    for (let count = 1; count <= 20; count++) {
      await host.commit(smallOrganisation(host.places, { greetWait: 1 + (count % 2) }));
      // A probe's own logins and messages are no part of the stream.
      const output = await host.apply('--no-probe');
      expect(output).toContain('reload postfix');
      expect(output).not.toMatch(/restart|reload dovecot/);
    }
    await stream.stop();
    expect(await host.containers()).toEqual(containers);
    expect(stream.refused).toEqual([]);
    expect(stream.taken.length).toBeGreaterThan(200);
    // What the former queue manager had delivered when it went is there, without recipients, until the next scan.
    await eventually(
      'a queue without recipients',
      async () => !/"address"/.test(await docker(['exec', 'postfix', 'postqueue', '-j'])),
      60_000,
    );
    expect(stream.missing()).toEqual([]);
    const doubled = stream.doubled();
    expect(doubled, await logOf(doubled)).toEqual([]);
  });

  it('shows what was changed outside, who did it, and puts it right', async () => {
    await docker(['stop', 'opendkim']);
    const mainCf = join(host.data, 'mailc/postfix/current/main.cf');
    writeFileSync(mainCf, `${readFileSync(mainCf, 'utf8')}\nsoft_bounce = yes\n`);
    await sql(`INSERT INTO users (name, domain, password, mailbox)
               VALUES ('mallory', 'example.com', 'x', 'example.com/mallory')`);

    const shown = await plan();
    expect(shown).toContain('Changed outside mailc');
    for (const what of ['mallory@example.com', 'soft_bounce = yes', 'opendkim'])
      expect(shown).toContain(what);

    await host.apply('--allow', 'deletes-user');
    expect(await plan()).toBe('No changes.\n');
    expect(await docker(['inspect', '--format', '{{.State.Running}}', 'opendkim'])).toBe('true\n');
    expect(readFileSync(mainCf, 'utf8')).not.toContain('soft_bounce');
  });

  it('returns to the generation before when a probe fails, rows and files', async () => {
    const before = smallOrganisation(host.places, { messageSize: '25MB' });
    await host.commit(before);
    await host.apply();
    const wrong = await host.authority.issue('another.example', join(host.folder, '../wrong'));
    const users = `  carol@example.com: { password: "${hashOf('carol')}" }\n`;
    await host.commit(smallOrganisation(host.places, { messageSize: '25MB', users, ...wrong }));

    const { code, stderr } = await host.mailc(['apply', '--root', '/', '--yes']);

    expect(code, stderr).toBe(7);
    expect(stderr).toContain('another.example');
    expect(stderr).toContain('everything is as it was before');
    expect(await sql(`SELECT count(*) FROM users WHERE name = 'carol'`)).toBe('0\n');
    await host.commit(before);
    expect(await plan()).toBe('No changes.\n');
    await (await imap('alice')).logout();
  });

  it('returns to an earlier generation as a plan like any other', async () => {
    const limit = (): string | undefined =>
      /message_size_limit = (\d+)/.exec(
        readFileSync(join(host.data, 'mailc/postfix/current/main.cf'), 'utf8'),
      )?.[1];
    const before = limit();
    await host.commit(smallOrganisation(host.places, { messageSize: '30MB' }), 'Bigger messages');
    await host.apply();
    expect(limit()).not.toBe(before);
    const { code, stdout } = await host.mailc(['rollback', '--yes', '--no-probe']);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain('message_size_limit');
    expect(limit()).toBe(before);
    const history = (await host.mailc(['history'])).stdout.split('\n');
    expect(history[0]).toContain('by Test <test@example.com>');
    expect(history.some((line) => line.includes('undone'))).toBe(true);
  });

  it('lets one of ten applies at once work; the others meet its lock or find nothing to do', async () => {
    await host.commit(smallOrganisation(host.places, { messageSize: '40MB' }));
    const runs = await Promise.all(
      Array.from({ length: 10 }, () => host.mailc(['apply', '--root', '/', '--yes', '--no-probe'])),
    );
    const worked = runs.filter(({ stdout }) => stdout.includes('Applied:'));
    expect(worked.map(({ code }) => code)).toEqual([0]);
    for (const run of runs.filter((one) => !worked.includes(one))) {
      expect([0, 6], run.stderr).toContain(run.code);
    }
    expect(await plan()).toBe('No changes.\n');
  });
});
