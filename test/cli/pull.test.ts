/** A host that pulls, as a process: what it applies, what it refuses, and what it says of it, once. */
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readAgentState } from '../../src/targets/agent/agent-state.ts';
import { takePullLock } from '../../src/targets/agent/pull-lock.ts';
import { postgresServers } from '../database/servers.ts';
import { aPullingHost, mailYaml, type PullingHost, sshKey } from '../support/a-pulling-host.ts';
import { type Run, runMailc } from '../support/run-mailc.ts';

/** Without a hazard; and with the hazard closes-port. */
const another = (size: number) => ({ 'mail.yaml': `${mailYaml}mail: { message_size: ${size}MB }\n` });
const closingPort = { 'mail.yaml': `${mailYaml}ports: { pop3: false }\n` };

const stateOf = (host: PullingHost) => readAgentState(host.state).value;

async function anAppliedHost(): Promise<{ readonly host: PullingHost; readonly commit: string }> {
  const host = await aPullingHost();
  const commit = host.push({ 'mail.yaml': mailYaml });
  expectApplied(await host.pull());
  return { host, commit };
}

function expectApplied(run: Run): void {
  expect(run.stderr).not.toContain('error');
  expect(run.stdout).toContain('Applied: ');
  expect(run.code).toBe(0);
}

/** The command that a report ends with, without `mailc pull --config FILE`. */
function commandIn({ stdout }: Run): readonly string[] {
  const line = /mailc pull --config \S+ (.*)$/m.exec(stdout)?.[1] ?? '';
  return line.split(' ');
}

describe('a commit that an allowed key signed', () => {
  test('is applied, and what is there is recorded as of that commit', async () => {
    const { host, commit } = await anAppliedHost();
    expect(stateOf(host)).toMatchObject({
      fetched: { commit },
      verified: { commit, by: 'alice@example.com' },
      applied: { commit },
      waiting: null,
    });
    expect(recordsOf(host)).toContain(`"${commit}"`);
  });

  test('is not applied twice: the next run says nothing and writes nothing', async () => {
    const { host } = await anAppliedHost();
    const before = everythingIn(host.path);
    expect(await host.pull()).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(everythingIn(host.path)).toEqual(before);
  });

  test('that changes nothing is noted as applied, and said once', async () => {
    const { host } = await anAppliedHost();
    const commit = host.push({ 'README.md': 'Mail\n' });
    const said = `Commit ${commit.slice(0, 12)} on "main", signed by "alice@example.com"\nNo changes.\n`;
    expect(await host.pull()).toEqual({ code: 0, stdout: said, stderr: '' });
    expect(stateOf(host)?.applied?.commit).toBe(commit);
    expect((await host.pull()).stdout).toBe('');
  });

  test('covers the commits below it, which need no signature', async () => {
    const { host } = await anAppliedHost();
    host.push(another(20), { sign: null });
    const commit = host.push({ 'README.md': 'Mail\n' });
    expectApplied(await host.pull());
    expect(stateOf(host)?.applied?.commit).toBe(commit);
  });

  test('is applied with what it includes, from a folder of the repository, and without filters', async () => {
    const host = await aPullingHost();
    host.configure({ file: 'infra/mail.yaml' });
    const [shared = '', aliases = ''] = mailYaml.split(/(?=aliases:)/);
    host.push({
      'infra/mail.yaml': `${shared}include: [aliases/*.yaml]\n`,
      'infra/aliases/sales.yaml': aliases,
      '.gitattributes': '* filter=evil eol=crlf\n',
    });
    expectApplied(await host.pull());
    expect(readFileSync(join(host.state, 'checkout/infra/aliases/sales.yaml'), 'utf8')).toBe(aliases);
    expect(existsSync(join(host.state, 'checkout/.gitattributes'))).toBe(false);
  });

  test('brings the rows too, where agent.yaml names a database', async () => {
    const host = await aPullingHost();
    const database = await postgresServers()[0]?.createDatabase();
    if (database !== undefined) onTestFinished(() => database.drop());
    host.configure({ database: database?.url ?? `embedded:${join(host.path, 'database')}` });
    host.push({ 'mail.yaml': mailYaml });
    expectApplied(await host.pull());
    expect((await host.pull()).stdout).toBe('');
    host.push({ 'mail.yaml': mailYaml.replace('quota: 1GB', 'quota: 2GB') });
    const run = await host.pull();
    expect(run.stdout).toContain('~ update user bob@example.com  quota 1GB -> 2GB');
    expectApplied(run);
  });
});

test('what somebody changed on the host is put right, without a new commit', async () => {
  const { host } = await anAppliedHost();
  const path = join(host.root, 'srv/mail/mailc/postfix/current/main.cf');
  const before = readFileSync(path, 'utf8');
  appendFileSync(path, 'mynetworks = 0.0.0.0/0\n');
  expectApplied(await host.pull());
  expect(readFileSync(path, 'utf8')).toBe(before);
});

describe('a plan with a hazard', () => {
  test('waits, and names the command that lets it go on', async () => {
    const { host, commit: applied } = await anAppliedHost();
    const commit = host.push(closingPort);
    const run = await host.pull();
    expect(run.code).toBe(4);
    expect(run.stdout).toContain('! closes-port');
    expect(run.stdout).not.toContain('mailc apply');
    expect(run.stdout).toMatch(
      /To go ahead, run on this host:\n {2}mailc pull --config \S+ --plan [0-9a-f]{12} --allow closes-port\n$/,
    );
    expect(stateOf(host)).toMatchObject({
      verified: { commit },
      applied: { commit: applied },
      waiting: { for: 'hazards', commit, command: expect.stringContaining('--allow closes-port') },
    });
    expectApplied(await host.pull(commandIn(run)));
    expect(stateOf(host)).toMatchObject({ applied: { commit }, waiting: null });
  });

  test('is reported once; then one line says that it still waits, and nothing is written', async () => {
    const { host } = await anAppliedHost();
    host.push(closingPort);
    await host.pull();
    const before = everythingIn(host.path);
    const again = await host.pull();
    expect(again.code).toBe(4);
    expect(again.stdout).toMatch(
      /^Still waiting since \S+: plan [0-9a-f]{12} has the hazard closes-port; to go on: mailc pull .*\n$/,
    );
    expect(again.stderr).toBe('');
    expect(everythingIn(host.path)).toEqual(before);
  });

  test('is allowed as it was reported, and not another one that has come since', async () => {
    const { host } = await anAppliedHost();
    host.push(closingPort);
    const reported = await host.pull();
    host.push({ 'mail.yaml': `${mailYaml}ports: { pop3: false, imap: false }\n` });
    const run = await host.pull(commandIn(reported));
    expect(run.code).toBe(5);
    expect(run.stderr).toMatch(
      /the plan is not [0-9a-f]{12} any more, but [0-9a-f]{12}: nothing was changed/,
    );
  });

  test('no longer waits when a commit takes it back', async () => {
    const { host } = await anAppliedHost();
    host.push(closingPort);
    await host.pull();
    host.push({ 'mail.yaml': mailYaml });
    expect((await host.pull()).code).toBe(0);
    expect(stateOf(host)?.waiting).toBe(null);
  });
});

describe('a head that is not to be trusted', () => {
  test.each([
    ['is not signed', null, 'error[commit-unsigned]'],
    ['is signed by a stranger', 'mallory', 'error[commit-signature-refused]'],
  ])('and %s is refused, and what runs goes on', async (_what, signer, said) => {
    const { host, commit: applied } = await anAppliedHost();
    const before = everythingIn(host.root);
    const sign = signer === null ? null : sshKey(host.path, signer).path;
    const commit = host.push(another(20), { sign });
    const run = await host.pull();
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(said);
    expect(run.stderr).toContain(commit);
    expect((await host.pull()).stdout).toMatch(/^Still waiting since \S+: commit [0-9a-f]{40} is .*\n$/);
    expect(everythingIn(host.root)).toEqual(before);
    expect(stateOf(host)).toMatchObject({
      applied: { commit: applied },
      waiting: { for: 'signature', commit },
    });
  });

  test('since the branch was rewound waits for leave, which is for that commit alone', async () => {
    const { host, commit: first } = await anAppliedHost();
    const second = host.push(another(20));
    expectApplied(await host.pull());
    host.git('reset', '--quiet', '--hard', first);
    host.git('push', '--quiet', '--force', 'origin', 'HEAD:main');
    const run = await host.pull();
    expect(run.code).toBe(4);
    expect(run.stderr).toContain(
      `error[pull-branch-rewound]: commit ${first} on "main" does not come after ${second}, which was applied last`,
    );
    expect((await host.pull(['--allow-rewind', second])).code).toBe(4);
    expect((await host.pull()).stdout).toContain('Still waiting');
    expectApplied(await host.pull(commandIn(run)));
    expect(stateOf(host)).toMatchObject({ applied: { commit: first }, waiting: null });
  });

  test('since the branch was written anew waits too', async () => {
    const { host, commit: first } = await anAppliedHost();
    host.push(another(20));
    expectApplied(await host.pull());
    host.push(another(30), { parent: first });
    expect((await host.pull()).stderr).toContain('error[pull-branch-rewound]');
  });
});

describe('a mail.yaml that is invalid in a signed commit', () => {
  test('is reported with its line, once, and what runs goes on', async () => {
    const { host } = await anAppliedHost();
    host.push({ 'mail.yaml': mailYaml.replace('quota:', 'qouta:') });
    const run = await host.pull();
    expect(run.code).toBe(3);
    expect(run.stderr).toContain('14 |     qouta: 1GB');
    const again = await host.pull();
    expect(again).toMatchObject({ code: 3, stderr: '' });
    expect(again.stdout).toMatch(/^Still waiting since \S+: mail.yaml of commit [0-9a-f]{12} is invalid\n$/);
  });

  test('may not be a link, nor be missing', async () => {
    const host = await aPullingHost();
    host.push({ 'other.yaml': mailYaml });
    expect((await host.pull()).stderr).toContain('error[source-unreadable]: "mail.yaml" cannot be read');
    symlinkSync('/etc/passwd', join(host.path, 'clone/mail.yaml'));
    host.push({});
    expect((await host.pull()).stderr).toContain('it is a symbolic link, which is not followed in a commit');
  });
});

describe('a fetch', () => {
  test('that fails says why, once, and the next one goes on as if nothing had been', async () => {
    const { host } = await anAppliedHost();
    host.push(another(20));
    renameSync(host.repository, `${host.repository}.away`);
    const run = await host.pull();
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('error[pull-fetch-failed]: the branch "main" of');
    expect((await host.pull()).stdout).toMatch(/^Still waiting since .* cannot be fetched: /);
    renameSync(`${host.repository}.away`, host.repository);
    expectApplied(await host.pull());
  });

  test('that was killed leaves a lock behind, which does not stop the next one', async () => {
    const { host } = await anAppliedHost();
    host.push(another(20));
    for (const name of ['refs/mailc/fetched.lock', 'HEAD.lock', 'packed-refs.lock']) {
      writeFileSync(join(host.state, 'checkout/.git', name), '');
    }
    writeFileSync(join(host.state, 'checkout/.git/objects/pack/tmp_pack_Xyz'), 'half');
    expectApplied(await host.pull());
  });

  test('that is killed in the middle is begun anew', async () => {
    const host = await aPullingHost();
    host.push({ 'mail.yaml': mailYaml });
    const run = await host.pull([], { onStart: (child) => setTimeout(() => child.kill('SIGKILL'), 400) });
    expect(run.code).toBe(null);
    expectApplied(await host.pull());
  });

  test('of a branch that is not there names it', async () => {
    const host = await aPullingHost();
    host.push({ 'mail.yaml': mailYaml });
    host.configure({ branch: 'production' });
    expect((await host.pull()).stderr).toContain(`the branch "production" of`);
  });

  test('that takes too long is ended, with all that it started', async () => {
    const host = await aPullingHost();
    const slow = join(host.path, 'ssh');
    writeFileSync(slow, '#!/bin/sh\necho $$ > "$0.pid"\nexec sleep 600\n', { mode: 0o755 });
    host.configure({ repository: 'git@git.example.com:mail.git', time_limit: '2' });
    const run = await host.pull([], { environment: { PATH: `${host.path}:${process.env.PATH}` } });
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('it takes longer than the "time_limit" of agent.yaml');
    const pid = Number(readFileSync(`${slow}.pid`, 'utf8'));
    // Gone, or dead and not yet waited for by whoever adopted it.
    expect(existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toBeFalsy();
  });

  test('that is interrupted ends at once, and exits 130', async () => {
    const host = await aPullingHost();
    const slow = join(host.path, 'ssh');
    writeFileSync(slow, '#!/bin/sh\n: > "$0.runs"\nexec sleep 600\n', { mode: 0o755 });
    host.configure({ repository: 'git@git.example.com:mail.git' });
    const run = await host.pull([], {
      environment: { PATH: `${host.path}:${process.env.PATH}` },
      onStart: (child) => {
        const waiting = setInterval(() => {
          if (!existsSync(`${slow}.runs`)) return;
          clearInterval(waiting);
          child.kill('SIGTERM');
        }, 50);
      },
    });
    expect(run).toEqual({ code: 130, stdout: '', stderr: 'interrupted: nothing was changed\n' });
    expect(stateOf(host)?.waiting).toBe(null);
  });

  test('by ssh uses the key and the known hosts that agent.yaml names, and asks nobody', async () => {
    const host = await aPullingHost();
    host.push({ 'mail.yaml': mailYaml });
    // In place of ssh: notes its arguments, and runs on this machine what is to run on the server.
    const script = '#!/bin/sh\nprintf "%s\\n" "$@" > "$0.log"\nfor last; do :; done\neval "$last"\n';
    writeFileSync(join(host.path, 'ssh'), script, { mode: 0o755 });
    host.configure({
      repository: `git@git.example.com:${host.repository}`,
      ssh_key: "/etc/mailc/it's a key",
      known_hosts: '/etc/mailc/known hosts',
    });
    const path = `${host.path}:${process.env.PATH}`;
    expectApplied(await host.pull([], { environment: { PATH: path, GIT_SSH_COMMAND: 'false' } }));
    const words = readFileSync(join(host.path, 'ssh.log'), 'utf8').split('\n');
    expect(words).toEqual(
      expect.arrayContaining([
        'BatchMode=yes',
        'StrictHostKeyChecking=yes',
        "/etc/mailc/it's a key",
        'UserKnownHostsFile="/etc/mailc/known hosts"',
        'git@git.example.com',
      ]),
    );
  });

  test('of a tree that would write into the folder of git is refused by git itself', async () => {
    const host = await aPullingHost();
    host.push({ 'mail.yaml': mailYaml });
    const blob = host.git('hash-object', '-w', 'mail.yaml');
    writeFileSync(join(host.path, 'tree'), Buffer.from(`100644 .git\0${hexBytes(blob)}`, 'latin1'));
    const tree = host.git('hash-object', '-w', '-t', 'tree', '--literally', join(host.path, 'tree'));
    const signing = ['-c', 'gpg.format=ssh', '-c', `user.signingKey=${join(host.path, 'alice')}`];
    const commit = host.git(...signing, 'commit-tree', '-S', '-m', 'Evil', tree);
    host.git('push', '--quiet', '--force', 'origin', `${commit}:refs/heads/main`);
    const run = await host.pull();
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('hasDotgit');
    expect(stateOf(host)?.applied).toBe(null);
  });

  test.each([
    ['repository', '--upload-pack=touch /tmp/mailc-pwned'],
    ['repository', 'ext::sh -c touch% /tmp/mailc-pwned'],
    ['branch', '--upload-pack=touch /tmp/mailc-pwned'],
    ['branch', 'main:refs/heads/other'],
    ['file', '../../etc/passwd'],
  ])('is not begun where the %s is %s', async (setting, hostile) => {
    const host = await aPullingHost();
    host.configure({ [setting]: hostile });
    const run = await host.pull();
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('error[agent-config-invalid]');
    expect(existsSync('/tmp/mailc-pwned')).toBe(false);
    expect(existsSync(host.state)).toBe(false);
  });

  test('runs no hook, alias or program of the clone', async () => {
    const { host } = await anAppliedHost();
    const evil = join(host.path, 'evil');
    writeFileSync(evil, `#!/bin/sh\ntouch ${evil}.ran\n`, { mode: 0o755 });
    const clone = join(host.state, 'checkout');
    writeFileSync(join(clone, '.git/config'), hostileConfiguration(evil), { flag: 'a' });
    host.push(another(20));
    expectApplied(await host.pull());
    expect(existsSync(`${evil}.ran`)).toBe(false);
  });
});

test('a second pull at the same time says so and exits 6', async () => {
  const { host } = await anAppliedHost();
  const lock = await takePullLock(host.state);
  const run = await host.pull();
  expect(run).toMatchObject({ code: 6, stdout: '' });
  expect(run.stderr).toContain('another mailc pull is at work');
  await lock?.release();
  expect((await host.pull()).code).toBe(0);
});

test('an apply by hand that holds the lock of the host is exit 6 too, and the next pull applies', async () => {
  const { host } = await anAppliedHost();
  host.push(another(20));
  const { takeHostLock } = await import('../../src/targets/host/lock.ts');
  const holder = { pid: 4711, since: '2026-01-02T03:04:05.000Z', who: 'carol@mx1' };
  const attempt = await takeHostLock(join(host.root, 'srv/mail/mailc'), holder);
  const run = await host.pull();
  expect(run.code).toBe(6);
  expect(run.stderr).toContain('carol@mx1');
  if ('lock' in attempt) await attempt.lock.release();
  expectApplied(await host.pull());
});

test('an apply that fails is not tried again by itself, but by the command that is named', async () => {
  const { host } = await anAppliedHost();
  const relay = 'relay: { host: smtp.example.net, username: bob, password: { env: RELAY_PASSWORD } }\n';
  host.push({ 'mail.yaml': mailYaml + relay });
  const run = await host.pull();
  expect(run.code).toBe(7);
  expect(run.stderr).toContain('error[secret-missing]');
  const again = await host.pull();
  expect(again).toMatchObject({ code: 7, stderr: '' });
  expect(again.stdout).toMatch(
    /^Still waiting since \S+: applying plan [0-9a-f]{12} failed, and it is not tried/,
  );
  expectApplied(await host.pull(commandIn(run), { environment: { RELAY_PASSWORD: 'chosen-one' } }));
});

test('a state that was changed by hand is refused before anything is fetched', async () => {
  const { host } = await anAppliedHost();
  writeFileSync(join(host.state, 'state.json'), '{"version": 1, "applied": "--output=x"}');
  const run = await host.pull();
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('error[agent-state-unreadable]');
});

test('a host that mail.yaml does not have is named', async () => {
  const host = await aPullingHost();
  host.configure({ host: 'mx9.example.com' });
  host.push({ 'mail.yaml': mailYaml });
  expect((await host.pull()).stderr).toContain(
    'error[host-unknown]: mail.yaml has no host "mx9.example.com"',
  );
});

test('without a configuration mailc says what writes one', async () => {
  const host = await aPullingHost();
  const run = await runMailc(['pull', '--config', 'none.yaml'], host.path);
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('mailc init --agent');
});

function hostileConfiguration(program: string): string {
  return `[core]
\thooksPath = ${join(program, '..')}
\tfsmonitor = ${program}
\tsshCommand = ${program}
\tpager = ${program}
[gpg "ssh"]
\tprogram = ${program}
[gpg]
\tprogram = ${program}
[filter "evil"]
\tsmudge = ${program}
[credential]
\thelper = ${program}
[alias]
\tfetch = !${program}
[uploadpack]
\tpackObjectsHook = ${program}
`;
}

function hexBytes(id: string): string {
  return Buffer.from(id, 'hex').toString('latin1');
}

function recordsOf(host: PullingHost): string {
  const folder = join(host.root, 'srv/mail/mailc/history');
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
}

/** Path, time and size of every file below a folder, the embedded database's own left out. */
function everythingIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(join(folder, 'database')))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { mtimeMs, size } = statSync(path);
      return `${path} ${mtimeMs} ${size}`;
    });
}
