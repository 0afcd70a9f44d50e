// mailc apply on a host with `supervisor: systemd`, under a real systemd: order, failures, drift, a reboot, and an end
// that leaves nothing behind. Then the same host pulls from git by its own units.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { builtImage } from '../../src/targets/docker-build.ts';
import { describeDocker } from './support/describe-docker.ts';
import { type Expected, probeLogLines, reloadLogLines, unexpectedOf } from './support/log-lines.ts';
import { outageLogLines } from './support/outage-log-lines.ts';
import { eventually } from './support/run.ts';
import { smallHost, smallOrganisation, smallPorts } from './support/small-organisation.ts';
import { aSystemdHost, type SystemdHost } from './support/systemd-host.ts';

/** Of a machine that other tests keep busy. */
const patience = 120_000;
const services = ['dovecot', 'opendkim', 'postfix', 'postgres'] as const;
const units = 'mail-dovecot mail-network mail-opendkim mail-postfix mail-postgres'
  .split(' ')
  .map((name) => `${name}.service`);
const goneScript: Expected = {
  service: 'opendkim',
  line: /^\/bin\/sh: 0: cannot open .*\/opendkim\.sh: No such file$/,
  reason: 'its script went with the generation that had it; systemd then tells `docker run` itself to stop',
};
type Settings = Parameters<typeof smallOrganisation>[1];

describeDocker('a host whose supervisor is systemd', ({ postgresImage }) => {
  let host: SystemdHost;
  /** What a new machine has, before anything is applied. */
  let untouched: readonly string[] = [];

  beforeAll(async () => {
    const postfixImage = builtImage('postfix');
    host = await aSystemdHost({
      name: smallHost,
      postgresImage,
      postfixImage,
      images: [postgresImage, postfixImage, ...(['dovecot', 'opendkim', 'amavis'] as const).map(builtImage)],
    });
    untouched = await leftBehind();
    await host.commit(mailYaml());
    // Its canary has gone from submission to IMAP before this ends.
    await host.apply();
  });

  afterAll(async () => {
    try {
      const expected = [...outageLogLines, ...reloadLogLines, ...probeLogLines, goneScript];
      expect(await unexpectedOf(services, host.logsOf, expected)).toEqual([]);
    } finally {
      await host.remove();
    }
  });

  const mailYaml = (settings: Settings = {}): string =>
    smallOrganisation(host.places, { supervisor: 'systemd', ...settings });

  /** A property of each unit that mailc installs for a service, by unit. */
  const property = async (name: string): Promise<Readonly<Record<string, string>>> => {
    const shown = await host.run(['systemctl', 'show', `--property=Id,${name}`, ...units]);
    return Object.fromEntries(
      shown.split('\n\n').map((block) => {
        const values = Object.fromEntries(
          block
            .trim()
            .split('\n')
            .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
        );
        return [values.Id ?? '', values[name] ?? ''];
      }),
    );
  };

  /** Another one for each start of a unit. */
  const starts = () => property('InvocationID');

  const containers = async (): Promise<readonly string[]> =>
    (await host.run(['docker', 'ps', '--all', '--format', '{{.Names}}'])).split('\n').filter(Boolean).sort();

  /** Containers, networks, mounts of Docker and programs that it runs for a container. */
  const leftBehind = async (): Promise<readonly string[]> =>
    (
      await host.run([
        'sh',
        '-c',
        `docker ps --all --format '{{.Names}}'
         docker network ls --format '{{.Name}}'
         awk '$2 ~ "^/(var/lib|run)/docker" { print $2 }' /proc/mounts
         pgrep -a 'docker|containerd-shim' | grep -v dockerd || :`,
      ])
    ).split('\n');

  const journal = (unit: string): Promise<string> =>
    host.run(['journalctl', '--no-pager', '--output=cat', `--unit=${unit}`]);

  /** Each service was started when those that it comes after were active: healthy. */
  const expectOrderByHealth = async (): Promise<void> => {
    const began = await property('ExecMainStartTimestampMonotonic');
    const healthy = await property('ActiveEnterTimestampMonotonic');
    const after = await property('After');
    for (const unit of units) {
      for (const earlier of (after[unit] ?? '').split(' ').filter((name) => units.includes(name))) {
        expect(Number(began[unit]), `${unit} after ${earlier}`).toBeGreaterThan(Number(healthy[earlier]));
      }
    }
    expect(after['mail-postfix.service']).toContain('mail-dovecot.service');
    expect(after['mail-dovecot.service']).toContain('mail-postgres.service');
    // What Postgres itself said, for whoever doubts that active means healthy.
    const said = await host.run(['journalctl', '--boot', '--output=json', '--unit=mail-postgres']);
    const ready = said
      .split('\n')
      .filter((line) => line.includes('ready to accept connections'))
      .map((line) => Number((JSON.parse(line) as Record<string, string>).__MONOTONIC_TIMESTAMP));
    expect(Number(began['mail-dovecot.service'])).toBeGreaterThan(ready.at(-1) ?? Number.POSITIVE_INFINITY);
  };

  it('has its units as files, and enabled; all is up in order; nothing is left to do', async () => {
    const files = await host.run(['sh', '-c', "stat -c '%n: %F %a %U' /etc/systemd/system/mail*"]);
    expect(files.split('\n').filter(Boolean)).toEqual(
      [...units, 'mail.target'].map((name) => `/etc/systemd/system/${name}: regular file 644 root`),
    );
    expect(await host.run(['systemctl', 'is-enabled', 'mail.target'])).toBe('enabled\n');
    expect(await containers()).toEqual(services);
    await expectOrderByHealth();
    expect(await host.plan()).toBe('No changes.\n');
  });

  it('is left alone by an apply without changes', async () => {
    const everything = async () => [
      await host.run(['sh', '-c', "stat -c '%n %i %Y %Z' /etc/systemd/system /etc/systemd/system/mail*"]),
      await starts(),
    ];
    const before = await everything();
    expect(await host.apply()).toContain('No changes.\n');
    expect(await everything()).toEqual(before);
  });

  it('keeps what its services say in the journal', async () => {
    expect(await journal('mail-postfix')).toMatch(/postfix\/lmtp\[\d+\]: .* status=sent/);
    expect(await journal('mail-dovecot')).toContain('saved mail to INBOX');
  });

  it('has a container that was killed back within ten seconds, and no other is disturbed', async () => {
    const before = await starts();
    // In seconds since the machine started, as systemd's own times.
    const killed = Number((await host.run(['cut', '-d', ' ', '-f1', '/proc/uptime'])).trim());
    await host.run(['docker', 'kill', 'dovecot']);
    await eventually(
      'dovecot is back',
      async () => {
        const now = (await starts())['mail-dovecot.service'];
        const state = (await property('ActiveState'))['mail-dovecot.service'];
        return now !== before['mail-dovecot.service'] && state === 'active';
      },
      patience,
    );
    const back = Number((await property('ActiveEnterTimestampMonotonic'))['mail-dovecot.service']);
    expect(back / 1e6 - killed).toBeLessThan(10);
    const after = await starts();
    expect({ ...after, 'mail-dovecot.service': '' }).toEqual({ ...before, 'mail-dovecot.service': '' });
    expect(await host.plan()).toBe('No changes.\n');
  });

  it('is put right where somebody disabled, edited or stopped a unit, which the plan shows apart', async () => {
    const before = await starts();
    const file = '/etc/systemd/system/mail-postgres.service';
    await host.run(['systemctl', 'disable', 'mail.target']);
    await host.run(['sed', '-i', 's/^RestartSec=1$/RestartSec=100/', file]);
    await host.run(['systemctl', 'daemon-reload']);
    await host.run(['systemctl', 'stop', 'mail-opendkim']);

    const shown = await host.plan();
    expect(shown).toMatch(/^Changed outside mailc since the last apply\n/);
    expect(shown).toContain('create container opendkim');
    expect(shown).toMatch(/update unit +mail\.target +enabled, changed/);
    expect(shown).toContain('-RestartSec=100');
    const status = (await host.mailc(['status'])).stdout;
    expect(status).toMatch(/opendkim +missing/);
    expect(status).toContain('mail-opendkim.service is not active');
    expect(status).toContain('mail.target is not enabled: nothing starts with the machine');

    await host.apply('--no-probe');
    expect(await host.plan()).toBe('No changes.\n');
    expect(await host.run(['systemctl', 'is-enabled', 'mail.target'])).toBe('enabled\n');
    expect(await host.run(['systemctl', 'show', '--value', '-P', 'RestartUSec', 'mail-postgres'])).toBe(
      '1s\n',
    );
    expect(await containers()).toEqual(services);
    const after = await starts();
    expect({ ...after, 'mail-opendkim.service': '' }).toEqual({ ...before, 'mail-opendkim.service': '' });
  });

  it('reloads for a change of main.cf, and restarts one unit for a change of its container', async () => {
    const before = await starts();
    await host.commit(mailYaml({ messageSize: '7MB' }));
    expect(await host.apply('--no-probe')).toContain('reload postfix');
    expect(await starts()).toEqual(before);

    const moved = mailYaml({ messageSize: '7MB' }).replace(`imap: ${smallPorts.imap}`, 'imap: 21144');
    await host.commit(moved);
    await host.apply('--no-probe', '--allow', 'opens-port,closes-port');
    const after = await starts();
    expect(after['mail-dovecot.service']).not.toBe(before['mail-dovecot.service']);
    expect({ ...after, 'mail-dovecot.service': '' }).toEqual({ ...before, 'mail-dovecot.service': '' });
    expect(await host.plan()).toBe('No changes.\n');
  });

  it('forgets the unit of a service that mail.yaml no longer has, and rereads those that named it', async () => {
    const before = await starts();
    const without = mailYaml({ messageSize: '7MB' })
      .replace('opendkim, ', '')
      .replace('example.com: {}', 'example.com: { dkim: false }');
    await host.commit(without);
    await host.apply('--no-probe', '--allow', 'opens-port,closes-port');
    const known = await host.run([
      'systemctl',
      'list-units',
      '--all',
      '--plain',
      '--no-legend',
      'mail-opendkim*',
    ]);
    expect(known).toBe('');
    expect((await host.tryRun(['test', '-e', '/etc/systemd/system/mail-opendkim.service'])).code).toBe(1);
    expect(await containers()).toEqual(services.filter((name) => name !== 'opendkim'));
    // Postfix' own unit is another one now; its container is not.
    expect((await starts())['mail-postfix.service']).toBe(before['mail-postfix.service']);
    expect((await property('After'))['mail-postfix.service']).not.toContain('opendkim');
    expect((await property('NeedDaemonReload'))['mail-postfix.service']).toBe('no');
    expect(await host.plan()).toBe('No changes.\n');
  });

  it('hands its containers to Docker where mail.yaml says so, and takes them back', async () => {
    const policies = async (): Promise<readonly string[]> => {
      const format = '{{.HostConfig.RestartPolicy.Name}}';
      const shown = await host.run(['docker', 'inspect', '--format', format, ...services]);
      return [...new Set(shown.split('\n').filter(Boolean))];
    };
    await host.commit(mailYaml({ supervisor: 'docker' }));
    const handed = await host.apply('--no-probe', '--allow', 'opens-port,closes-port');
    expect(handed).toContain('supervisor systemd -> docker');
    expect(await policies()).toEqual(['unless-stopped']);
    expect((await host.run(['systemctl', 'list-units', '--all', '--no-legend', 'mail-*'])).trim()).toBe('');
    expect((await host.tryRun(['sh', '-c', 'ls /etc/systemd/system/mail*'])).code).not.toBe(0);
    expect(await host.plan()).toBe('No changes.\n');

    // Now Docker is who brings them back.
    await host.run(['sh', '-c', "kill -KILL $(docker inspect --format '{{.State.Pid}}' dovecot)"]);
    const restarts = ['docker', 'inspect', '--format', '{{.RestartCount}} {{.State.Running}}', 'dovecot'];
    await eventually('dovecot is back', async () => (await host.run(restarts)) === '1 true\n', patience);
    await host.reboot();
    await eventually('all are back', async () => (await host.plan()) === 'No changes.\n', patience);
    expect(await policies()).toEqual(['unless-stopped']);

    await host.commit(mailYaml());
    await host.apply('--no-probe');
    expect(await policies()).toEqual(['no']);
    expect(await host.run(['systemctl', 'is-enabled', 'mail.target'])).toBe('enabled\n');
    expect(await host.plan()).toBe('No changes.\n');
  });

  it('has its units back when the apply that hands its containers over fails', async () => {
    const wrong = await host.issue('another.example');
    await host.commit(mailYaml({ supervisor: 'docker', ...wrong }));
    const { code, stderr } = await host.mailc([
      'apply',
      '--root',
      '/',
      '--yes',
      '--allow',
      'opens-port,closes-port',
    ]);
    expect(code, stderr).toBe(7);
    expect(stderr).toContain('another.example');
    expect(stderr).toContain('everything is as it was before');

    await host.commit(mailYaml());
    expect(await host.plan()).toBe('No changes.\n');
    expect(await host.run(['systemctl', 'is-enabled', 'mail.target'])).toBe('enabled\n');
    expect(Object.values(await property('ActiveState'))).toEqual(units.map(() => 'active'));
    await expectOrderByHealth();
  });

  it('leaves nothing behind when its target stops, and is whole when it starts', async () => {
    await host.run(['systemctl', 'stop', 'mail.target', 'mail-*']);
    expect(await leftBehind()).toEqual(untouched);
    expect((await host.mailc(['status'])).stdout).toContain('mail.target is not active');
    await host.run(['systemctl', 'start', 'mail.target']);
    await expectOrderByHealth();
    expect(await host.plan()).toBe('No changes.\n');
  });

  it('leaves nothing behind of a service that is stopped while it starts, or has lost its docker run', async () => {
    await host.run(['systemctl', 'restart', '--no-block', 'mail-dovecot']);
    await eventually('a new container', async () => (await containers()).includes('dovecot'), patience);
    await host.run(['systemctl', 'stop', 'mail-dovecot']);
    expect(await containers()).not.toContain('dovecot');

    await host.run(['systemctl', 'start', 'mail-dovecot']);
    const lost = 'systemctl kill --signal=KILL --kill-whom=main mail-dovecot && systemctl stop mail-dovecot';
    await host.run(['sh', '-c', lost]);
    expect(await containers()).not.toContain('dovecot');
    await host.run(['systemctl', 'start', 'mail-dovecot']);
  });

  it('is back without help after a reboot', async () => {
    await host.reboot();
    expect(await containers()).toEqual(services);
    await expectOrderByHealth();
    expect(await host.plan()).toBe('No changes.\n');
  });

  it('learns by its own timer, once, from what lies in Junk', async () => {
    const filtered = mailYaml()
      .replace('services: [', 'services: [amavis, ')
      .replace('spam: { enabled: false }', 'spam: { enabled: true }');
    await host.commit(filtered);
    await host.apply('--no-probe');
    const timer = async (name: string): Promise<string> =>
      (await host.run(['systemctl', 'show', '--value', '-P', name, 'mail-learn-spam.timer'])).trim();
    expect(await timer('NextElapseUSecRealtime')).toContain(' 03:30:00 ');
    const message = 'From: <someone@elsewhere.example>\nSubject: cheap watches\n\nBuy cheap watches.\n';
    const save = [
      'docker',
      'exec',
      '-i',
      'dovecot',
      'doveadm',
      'save',
      '-u',
      'bob@example.com',
      '-m',
      'Junk',
    ];
    await host.run(save, message);
    const learnedSpam = async (): Promise<number> => {
      // Before it has learned anything there is nothing that could be shown.
      const { stdout } = await host.tryRun([
        ...['docker', 'exec', '--user=amavis', 'amavis', 'sa-learn'],
        ...['--siteconfigpath=/etc/mailc/current/spamassassin', '--dump', 'magic'],
      ]);
      return Number(/(\d+) +\d+ +non-token data: nspam/.exec(stdout)?.[1] ?? 0);
    };
    expect(await learnedSpam()).toBe(0);

    // The same timer, whose next time has come.
    const runEnded = () =>
      host.run(['systemctl', 'show', '-P', 'ExecMainExitTimestampMonotonic', 'mail-learn-spam.service']);
    const fires = async (): Promise<void> => {
      const before = await runEnded();
      const soon = '/run/systemd/system/mail-learn-spam.timer.d/soon.conf';
      await host.write(soon, '[Timer]\nOnActiveSec=1s\nAccuracySec=1s\n');
      await host.run(['systemctl', 'daemon-reload']);
      await host.run(['systemctl', 'restart', 'mail-learn-spam.timer']);
      await eventually('the end of a run', async () => (await runEnded()) !== before, patience);
    };
    await fires();
    expect(await learnedSpam(), await journal('mail-learn-spam')).toBe(1);
    await fires();
    expect(await learnedSpam()).toBe(1);
    await host.run(['rm', '-r', '/run/systemd/system/mail-learn-spam.timer.d']);
    await host.run(['systemctl', 'daemon-reload']);
    expect(await host.plan()).toBe('No changes.\n');
    await host.commit(mailYaml());
    await host.apply('--no-probe');
  });

  it('pulls by its own timer and unit: a signed commit is applied, one without a signature refused', async () => {
    await host.run(['git', 'clone', '--quiet', '--bare', '.', '/srv/git/mail.git']);
    await host.run(['git', 'remote', 'add', 'origin', '/srv/git/mail.git']);
    await host.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', '/root/signing']);
    const publicKey = await host.run(['cat', '/root/signing.pub']);
    await host.write('/etc/mailc/allowed_signers', `test@example.com namespaces="git" ${publicKey}`);
    const init = await host.mailc(['init', '--agent', '--repository', '/srv/git/mail.git']);
    expect(init.code, init.stderr).toBe(0);
    await host.run(['systemctl', 'daemon-reload']);
    await host.run(['systemctl', 'enable', '--now', 'mailc-pull.timer']);
    expect(await host.run(['systemctl', 'is-enabled', 'mailc-pull.timer'])).toBe('enabled\n');
    const next = await host.run(['systemctl', 'show', '-P', 'NextElapseUSecRealtime', 'mailc-pull.timer']);
    expect(next).toMatch(/\d\d:\d\d:\d\d/);
    // From here on each run is asked for.
    await host.run(['systemctl', 'stop', 'mailc-pull.timer']);

    const signing = ['-c', 'gpg.format=ssh', '-c', 'user.signingkey=/root/signing.pub'];
    const push = async (text: string, sign: boolean): Promise<string> => {
      await host.write('/root/mail/mail.yaml', text);
      const words = ['commit', '--quiet', '--all', '--message=Change', sign ? '--gpg-sign' : '--no-gpg-sign'];
      await host.run(['git', ...signing, ...words]);
      await host.run(['git', 'push', '--quiet', 'origin', 'main']);
      return (await host.run(['git', 'rev-parse', '--short=12', 'HEAD'])).trim();
    };
    const signed = await push(mailYaml({ messageSize: '8MB' }), true);
    await host.run(['systemctl', 'start', 'mailc-pull.service']);
    expect(await journal('mailc-pull')).toMatch(
      /signed by "test@example\.com"[\s\S]*reload postfix[\s\S]*Applied: /,
    );
    expect((await host.mailc(['status'])).stdout).toContain(`commit ${signed}`);

    const unsigned = await push(mailYaml({ messageSize: '9MB' }), false);
    const refused = await host.tryRun(['systemctl', 'start', 'mailc-pull.service']);
    expect(refused.code).not.toBe(0);
    expect(await journal('mailc-pull')).toMatch(new RegExp(`${unsigned}[\\s\\S]*is not signed`));
    const status = (await host.mailc(['status'])).stdout;
    expect(status).toContain(`commit ${signed}`);
    expect(status).toContain('mailc pull waits since');
  });
});
