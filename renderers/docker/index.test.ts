// Which scripts a host gets, and what they do when they are run.

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Container } from '../../src/model/container.ts';
import type { MailSystem } from '../../src/model/mail-system.ts';
import { printContent } from '../../src/render/secret-marker.ts';
import { describeReal } from '../../test/debian/debian13.ts';
import { aContainer } from '../../test/support/a-container.ts';
import { aMailSystem } from '../../test/support/a-mail-system.ts';
import { docker } from './index.ts';
import { runArguments } from './run-arguments.ts';

/** By path below out/. */
function scripts(system: MailSystem, containers: readonly Container[]): ReadonlyMap<string, string> {
  const { artifacts } = docker.render(system, containers);
  return new Map(artifacts.map(({ path, content }) => [path, printContent(content)]));
}

const amavis = aContainer({ name: 'amavis', service: 'amavis', after: ['clamav', 'postfix'] });

describe('the scripts of a host', () => {
  it('are one a container, and one for the network', () => {
    const system = aMailSystem({ spam: { bayes: false } });
    expect([...scripts(system, [aContainer(), amavis]).keys()]).toEqual([
      'mail.example.com/docker/network.sh',
      'mail.example.com/docker/postfix.sh',
      'mail.example.com/docker/amavis.sh',
    ]);
  });

  it('have one for learning where Amavis learns', () => {
    const [, , script] = [...scripts(aMailSystem(), [amavis])];
    expect(script?.[0]).toBe('mail.example.com/docker/learn-spam.sh');
    expect(script?.[1]).toContain('exec docker exec amavis /etc/mailc/current/learn-spam');
  });

  it('have one that starts everything where no systemd does', () => {
    const system = aMailSystem({ hosts: [{ name: 'mail.example.com', supervisor: 'docker' }] });
    expect(scripts(system, [aContainer()]).has('mail.example.com/docker/up.sh')).toBe(true);
  });

  it('reach other hosts over an encrypted network', () => {
    const system = aMailSystem({ hosts: ['mx1.example.com', 'mx2.example.com'] });
    const network = scripts(system, []).get('mx2.example.com/docker/network.sh');
    expect(network).toContain('--driver overlay');
    expect(network).toContain('--opt encrypted');
  });
});

describe('a network over several hosts', () => {
  const codes = (system: MailSystem) => docker.render(system, []).diagnostics.map(({ code }) => code);
  const hosts = ['mx1.example.com', 'mx2.example.com'];

  it('has no IPv6, which is said where clients come over it', () => {
    expect(codes(aMailSystem({ hosts }))).toEqual(['overlay-without-ipv6', 'overlay-without-ipv6']);
    expect(codes(aMailSystem({ hosts, network: { subnet6: null } }))).toEqual([]);
    expect(codes(aMailSystem())).toEqual([]);
  });
});

describe('the definition of a container', () => {
  const definition = (container: Container) => runArguments(container, 'mail').definition;

  it('changes with whatever needs a new container', () => {
    const before = definition(aContainer());
    expect(definition(aContainer({ image: 'mailc/postfix:2' }))).not.toBe(before);
    expect(definition(aContainer({ ports: [] }))).not.toBe(before);
    expect(definition(aContainer({ stopTimeout: 31 }))).not.toBe(before);
  });

  it('does not change with what is run beside it', () => {
    expect(definition(aContainer({ check: null, reload: null }))).toBe(definition(aContainer()));
  });

  it('does not change when mail.yaml only moves its lines', () => {
    const source = { file: 'mail.yaml', line: 77, column: 3, endColumn: 9 };
    expect(definition(aContainer({ source }))).toBe(definition(aContainer()));
  });
});

describe('a script', () => {
  let folder: string;
  let log: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mailc-docker-'));
    log = join(folder, 'log');
    writeFileSync(log, '');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs the script `name` with a docker that logs each call; `answers` are its shell commands, by `$*`. */
  function run(
    name: string,
    args: readonly string[],
    answers: string,
    supervisor: 'docker' | 'systemd' = 'systemd',
  ) {
    const system = aMailSystem({
      hosts: [{ name: 'mail.example.com', data: join(folder, 'data'), supervisor }],
    });
    const mounts = [
      { from: join(folder, 'data/mailc/postfix'), to: '/etc/mailc', readOnly: true },
      { from: join(folder, 'data/my queue'), to: '/var/spool/postfix', readOnly: false },
      { from: join(folder, 'data/mail'), to: '/var/vmail', readOnly: true },
    ];
    const containers = [
      aContainer({ mounts }),
      aContainer({ mounts, name: 'dovecot', service: 'dovecot', after: [] }),
    ];
    for (const [path, text] of scripts(system, containers)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'docker'), `#!/bin/sh\necho "$*" >>'${log}'\ncase $* in\n${answers}\nesac\n`);
    chmodSync(join(bin, 'docker'), 0o755);
    for (const program of ['iptables', 'ip6tables', 'iptables-restore', 'ip6tables-restore']) {
      // What it reads, and what it is asked to do; it has no rule yet.
      const text = `#!/bin/sh\ncase $0 in *-restore) cat >>'${log}.rules' ;; esac\necho "\${0##*/} $*" >>'${log}.rules'\ncase $* in *--check*) exit 1 ;; esac\n`;
      writeFileSync(join(bin, program), text);
      chmodSync(join(bin, program), 0o755);
    }
    writeFileSync(`${log}.rules`, '');
    const ran = spawnSync('sh', [join(folder, 'mail.example.com/docker', `${name}.sh`), ...args], {
      env: { PATH: `${bin}:${process.env.PATH}` },
      encoding: 'utf8',
    });
    return {
      code: ran.status,
      stdout: ran.stdout,
      stderr: ran.stderr,
      calls: readFileSync(log, 'utf8').split('\n').slice(0, -1),
      rules: readFileSync(`${log}.rules`, 'utf8').split('\n').slice(0, -1),
    };
  }

  const nothingThere = '*inspect*) exit 1 ;;';
  const ours = '*inspect*) echo mail.example.com ;;';
  const strangers = '*inspect*) echo ;;';

  it('runs in the foreground and leaves nothing behind', () => {
    const { code, calls } = run('postfix', [], nothingThere);
    expect(code).toBe(0);
    expect(calls.at(-1)).toMatch(/^run --rm --name postfix .*--pull never .* mailc\/postfix:1$/);
  });

  it('makes the folders of its volumes, and no folder for its configuration', () => {
    run('postfix', [], nothingThere);
    expect(existsSync(join(folder, 'data/my queue'))).toBe(true);
    expect(existsSync(join(folder, 'data/mail'))).toBe(true);
    expect(existsSync(join(folder, 'data/mailc/postfix'))).toBe(false);
  });

  it('stops and removes what holds the name before it runs', () => {
    const gone = `${log}.gone`;
    const { calls } = run(
      'postfix',
      [],
      `*inspect*) [ ! -e '${gone}' ] && echo mail.example.com ;;\nrm*) : >'${gone}' ;;`,
    );
    expect(calls.filter((call) => !call.includes('inspect'))).toEqual([
      'stop postfix',
      'rm --force postfix',
      expect.stringMatching(/^run --rm/),
    ]);
  });

  it.each([[[]], [['--detach']], [['--stop']]])('leaves a container of somebody else alone: %j', (args) => {
    const { code, stderr, calls } = run('postfix', args, strangers);
    expect(calls.filter((call) => !call.includes('inspect'))).toEqual([]);
    if (args.includes('--stop')) return;
    expect(code).toBe(1);
    expect(stderr).toContain('there is a container "postfix" that is not of mail.example.com');
  });

  it('labels the container with the commit that brought the script', () => {
    const commit = '0123456789abcdef0123456789abcdef01234567';
    mkdirSync(join(folder, 'mail.example.com/docker'), { recursive: true });
    writeFileSync(join(folder, 'mail.example.com/docker/.commit'), `${commit}\n`);
    expect(run('postfix', ['--detach'], nothingThere).calls.at(-1)).toContain(
      ` --label mailc.commit=${commit} `,
    );
  });

  it('names no commit where none is known', () => {
    expect(run('postfix', [], nothingThere).calls.at(-1)).not.toContain('mailc.commit');
    rmSync(join(folder, 'bin'), { recursive: true });
    writeFileSync(join(folder, 'mail.example.com/docker/.commit'), '$(id) --privileged\n');
    expect(run('postfix', [], nothingThere).calls.at(-1)).not.toContain('mailc.commit');
  });

  it("runs in the background under Docker's own supervision", () => {
    const { calls } = run('postfix', ['--detach'], nothingThere);
    expect(calls.at(-1)).toMatch(/^run --detach --restart unless-stopped --name postfix /);
  });

  it('leaves a container alone that runs in the background as described', () => {
    const [, definition] =
      /mailc.definition=([0-9a-f]{64})/.exec(run('postfix', ['--detach'], nothingThere).calls.join()) ?? [];
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    const { code, calls } = run(
      'postfix',
      ['--detach'],
      `*inspect*) echo 'true unless-stopped ${definition}' ;;`,
    );
    expect(code).toBe(0);
    expect(calls).toEqual([expect.stringContaining('inspect')]);
  });

  it('waits until the container is healthy', () => {
    const { code, calls } = run(
      'postfix',
      ['--wait'],
      `exec*) [ -e '${log}.1' ] || { : >'${log}.1'; exit 1; } ;;`,
    );
    expect(code).toBe(0);
    const asked = 'exec postfix timeout 5 sh -c until "$@"; do sleep 0.2; done healthy postfix status';
    expect(calls).toEqual([asked, asked]);
  });

  it('stops the container, and is content when there is none', () => {
    expect(run('postfix', ['--stop'], ours).calls.at(-1)).toBe('stop postfix');
    rmSync(join(folder, 'bin'), { recursive: true });
    writeFileSync(log, '');
    const { code, calls } = run('postfix', ['--stop'], nothingThere);
    expect(code).toBe(0);
    expect(calls).toHaveLength(1);
  });

  it('refuses a word that it does not know', () => {
    const { code, stderr } = run('postfix', ['--halt'], '');
    expect(code).toBe(64);
    expect(stderr).toBe('usage: postfix.sh [--detach | --wait | --stop]\n');
  });

  it('for the network makes it where there is none', () => {
    const { calls } = run('network', [], nothingThere);
    expect(calls.at(-1)).toMatch(/^network create --driver bridge --subnet 172\.30\.0\.0\/24 .* mail$/);
  });

  it('for the network keeps others off it, by IPv4 and IPv6', () => {
    const { rules } = run('network', [], nothingThere);
    const rule = (subnet: string) =>
      `-A MAILC ! -s ${subnet} -d ${subnet} -m conntrack --ctstate NEW -m conntrack ! --ctstate DNAT -j DROP`;
    const shut = (iptables: string, subnet: string) => [
      ...['*mangle', ':MAILC - [0:0]', rule(subnet), 'COMMIT', `${iptables}-restore --wait --noflush`],
      `${iptables} --wait --table mangle --check FORWARD --jump MAILC`,
      `${iptables} --wait --table mangle --insert FORWARD --jump MAILC`,
    ];
    expect(rules).toEqual([
      ...shut('iptables', '172.30.0.0/24'),
      ...shut('ip6tables', 'fd00:6d61:696c::/64'),
    ]);
  });

  it('for the network lets others be when it goes, and not while it is in use', () => {
    const unshut = (iptables: string) =>
      ['--delete FORWARD --jump MAILC', '--flush MAILC', '--delete-chain MAILC'].map(
        (words) => `${iptables} --wait --table mangle ${words}`,
      );
    expect(run('network', ['--stop'], '*inspect*) echo ours ;;').rules).toEqual([
      ...unshut('iptables'),
      ...unshut('ip6tables'),
    ]);
    rmSync(join(folder, 'bin'), { recursive: true });
    expect(run('network', ['--stop'], '*inspect*) echo ours ;;\n*rm*) exit 1 ;;').rules).toEqual([]);
  });

  it('for the network leaves one alone that mailc did not make', () => {
    const { code, stderr, calls } = run('network', [], '*inspect*) echo ;;');
    expect(code).toBe(1);
    expect(stderr).toContain('there is a network "mail" that mailc did not make');
    expect(calls).toHaveLength(1);
  });

  it('for the network says what to do when one that is in use must change', () => {
    const { code, stderr } = run('network', [], '*inspect*) echo other ;;\n*rm*) exit 1 ;;');
    expect(code).toBe(1);
    expect(stderr).toContain('stop all of its containers');
  });

  it('for everything starts what others ask first, and goes on when one cannot start', () => {
    // A container that was run is there, and healthy; Postfix has no image.
    const answers = `run*'--name postfix '*) exit 125 ;;\nrun*) : >'${log}.dovecot' ;;\nexec*) [ -e '${log}.dovecot' ] ;;\n*inspect*) exit 1 ;;`;
    const { code, stdout, calls } = run('up', [], answers, 'docker');
    expect(code).toBe(1);
    expect(stdout).toBe('dovecot is up\n');
    const started = calls.flatMap((call) => /^run .*--name (\S+)/.exec(call)?.[1] ?? []);
    expect(started).toEqual(['dovecot', 'postfix']);
  });
});

describeReal('shellcheck and bash', (debian) => {
  const awkward = `/srv/it's "my" $HOME \`id\` %h\\, {a,b}; ä`;
  const systems: readonly (readonly [string, MailSystem])[] = [
    ['one host', aMailSystem()],
    ['several hosts', aMailSystem({ hosts: ['mail.example.com', 'mx2.example.com'] })],
    [
      'Docker as the supervisor',
      aMailSystem({ hosts: [{ name: 'mail.example.com', supervisor: 'docker' }] }),
    ],
    ['an awkward data folder', aMailSystem({ hosts: [{ name: 'mail.example.com', data: awkward }] })],
  ];

  it.each(systems)('have nothing to say about the scripts of %s', async (_, system) => {
    const data = system.hosts[0]?.data ?? '';
    const containers = [
      amavis,
      aContainer({
        environment: [['GREETING', awkward]],
        command: ['start-fg', awkward],
        healthcheck: { ...aContainer().healthcheck, command: ['sh', '-c', 'test "$(date)" != \'\''] },
        mounts: [{ from: `${data}/mail`, to: '/var/vmail', readOnly: false }],
      }),
    ];
    for (const [path, text] of scripts(system, containers)) {
      const files = { '/script.sh': text };
      const check =
        'bash -n /script.sh && sh -n /script.sh && shellcheck --enable=all --exclude=SC2250,SC2310,SC2312 /script.sh';
      expect(await debian.run(['sh', '-c', check], { files }), path).toEqual({
        code: 0,
        stdout: '',
        stderr: '',
      });
    }
  });
});
