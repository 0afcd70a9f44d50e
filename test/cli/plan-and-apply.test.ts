/** plan and apply as a user meets them: what is printed, where, and what the exit code says. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { postgresServers } from '../database/servers.ts';
import { aFolder, type Folder, runMailc } from '../support/run-mailc.ts';
import { alicesHash, bobsHash, smallMailYaml } from '../support/small-mail-yaml.ts';

interface AppliedSystem extends Folder {
  /** The flags that name the database and the host. */
  readonly live: readonly string[];
}

/**
 * A repository in which mail.yaml lies in config/, beside the host's files. The database is on an installed
 * server where there is one, since those start in no time, and else embedded.
 */
async function anAppliedSystem(mailYaml = smallMailYaml): Promise<AppliedSystem> {
  const outer = await aFolder({ 'config/mail.yaml': mailYaml });
  const database = await postgresServers()[0]?.createDatabase();
  if (database !== undefined) onTestFinished(() => database.drop());
  const live = ['--database', database?.url ?? 'embedded:../database', '--root', '../host'];
  const folder: AppliedSystem = {
    ...outer,
    live,
    mailc: (words, options) => runMailc(words, join(outer.path, 'config'), options),
  };
  const applied = await folder.mailc(['apply', ...live, '--yes', '--allow-dirty']);
  expect(applied.stderr).not.toContain('error');
  expect(applied.code).toBe(0);
  return folder;
}

async function change(folder: Folder, from: string, to: string): Promise<void> {
  const path = join(folder.path, 'config/mail.yaml');
  folder.write({ 'config/mail.yaml': readFileSync(path, 'utf8').replace(from, to) });
  await folder.commit();
}

describe('after an apply', () => {
  test('a plan is one line, and exits 0 even where changes would exit 2', async () => {
    const folder = await anAppliedSystem();
    const plan = await folder.mailc(['plan', ...folder.live, '--detailed-exitcode']);
    expect(plan).toEqual({ code: 0, stdout: 'No changes.\n', stderr: '' });
  });

  test('another apply writes nothing: no file time, no generation, no row', async () => {
    const folder = await anAppliedSystem();
    const before = snapshot(join(folder.path, 'host'));
    const again = await folder.mailc(['apply', ...folder.live, '--yes']);
    expect(again).toEqual({ code: 0, stdout: 'No changes.\n', stderr: '' });
    expect(snapshot(join(folder.path, 'host'))).toEqual(before);
  });

  test('a changed line is one change that names its line, and exits 2 when asked to', async () => {
    const folder = await anAppliedSystem();
    await change(folder, 'quota: 1GB', 'quota: 2GB');
    const plan = await folder.mailc(['plan', ...folder.live, '--detailed-exitcode']);
    expect(plan.code).toBe(2);
    expect(plan.stdout).toContain('~ update user bob@example.com  quota 1GB -> 2GB  mail.yaml:12:3');
    expect(plan.stdout).toContain('0 to create, 1 to update, 0 to delete.');
  });

  test('a new password says that it changed and needs leave; no hash is ever printed', async () => {
    const folder = await anAppliedSystem();
    await change(folder, bobsHash, alicesHash);
    for (const format of ['text', 'json', 'markdown']) {
      const plan = await folder.mailc(['plan', ...folder.live, '--format', format]);
      expect(plan.stdout).toContain('changes-password');
      expect(plan.stdout + plan.stderr).not.toMatch(/\$6\$|rounds=50000/);
    }
    const refused = await folder.mailc(['apply', ...folder.live, '--yes']);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('mailc apply --allow changes-password');
    const allowed = await folder.mailc(['apply', ...folder.live, '--yes', '--allow', 'changes-password']);
    expect(allowed.code).toBe(0);
  });

  test('a user that is gone from mail.yaml is deleted by name only, and what bounces is said', async () => {
    const folder = await anAppliedSystem();
    const path = join(folder.path, 'config/mail.yaml');
    const text = readFileSync(path, 'utf8');
    const start = text.indexOf('  alice@example.com:\n');
    folder.write({
      'config/mail.yaml': (text.slice(0, start) + text.slice(text.indexOf('  bob@example.com:\n'))).replace(
        '[alice@example.com, bob@example.com]',
        'bob@example.com',
      ),
    });
    await folder.commit();
    const plan = await folder.mailc(['plan', ...folder.live]);
    expect(plan.stdout).toContain('- delete user  alice@example.com');
    expect(plan.stdout).toContain('alice@example.com will bounce');
    expect((await folder.mailc(['apply', ...folder.live, '--yes'])).code).toBe(4);
    expect((await folder.mailc(['apply', ...folder.live, '--yes', '--allow', 'deletes-user'])).code).toBe(0);
    expect((await folder.mailc(['plan', ...folder.live])).stdout).toBe('No changes.\n');
  });

  test('a file that was edited on the host is put right', async () => {
    const folder = await anAppliedSystem();
    const { appendFileSync } = await import('node:fs');
    appendFileSync(
      join(folder.path, 'host/srv/mail/mailc/postfix/current/main.cf'),
      'mynetworks = 0.0.0.0/0\n',
    );
    const plan = await folder.mailc(['plan', ...folder.live]);
    expect(plan.stdout).toContain('~ update file postfix/main.cf');
    expect(plan.stdout).toContain('-mynetworks = 0.0.0.0/0');
    expect((await folder.mailc(['apply', ...folder.live, '--yes'])).code).toBe(0);
    expect((await folder.mailc(['plan', ...folder.live])).stdout).toBe('No changes.\n');
  });
});

test('an embedded database needs no server: planned, applied, planned again', async () => {
  const folder = await aFolder({ 'mail.yaml': smallMailYaml });
  const live = ['--database', 'embedded:../embedded-try-out'].map((word) => word.replace('..', folder.path));
  const plan = await folder.mailc(['plan', ...live]);
  expect(plan.stdout).toContain('+ create user   bob@example.com');
  expect((await folder.mailc(['apply', ...live, '--yes'])).code).toBe(0);
  expect((await folder.mailc(['plan', ...live])).stdout).toBe('No changes.\n');
});

describe('a saved plan', () => {
  test('is applied as it was reviewed', async () => {
    const folder = await anAppliedSystem();
    await change(folder, 'quota: 1GB', 'quota: 2GB');
    expect((await folder.mailc(['plan', ...folder.live, '-o', 'plan.json'])).code).toBe(0);
    expect((await folder.mailc(['apply', 'plan.json', ...folder.live, '--yes'])).code).toBe(0);
    expect((await folder.mailc(['plan', ...folder.live])).stdout).toBe('No changes.\n');
  });

  test('is stale once it was applied, once mail.yaml changed, and once someone edited it', async () => {
    const folder = await anAppliedSystem();
    await change(folder, 'quota: 1GB', 'quota: 2GB');
    await folder.mailc(['plan', ...folder.live, '-o', 'plan.json']);
    const plan = readFileSync(join(folder.path, 'config/plan.json'), 'utf8');
    folder.write({ 'config/edited.json': plan.replace('2147483648', '4294967296') });
    expect((await folder.mailc(['apply', 'edited.json', ...folder.live, '--yes'])).code).toBe(5);
    await change(folder, 'quota: 2GB', 'quota: 3GB');
    expect((await folder.mailc(['apply', 'plan.json', ...folder.live, '--yes'])).code).toBe(5);
    await change(folder, 'quota: 3GB', 'quota: 2GB');
    await folder.mailc(['plan', ...folder.live, '-o', 'plan.json']);
    expect((await folder.mailc(['apply', 'plan.json', ...folder.live, '--yes'])).code).toBe(0);
    expect((await folder.mailc(['apply', 'plan.json', ...folder.live, '--yes'])).code).toBe(5);
  });

  test('may be formatted anew, but of its content nothing edited, be it only its summary', async () => {
    const folder = await anAppliedSystem();
    await change(folder, 'quota: 1GB', 'quota: 2GB');
    await folder.mailc(['plan', ...folder.live, '-o', 'plan.json']);
    const plan = JSON.parse(readFileSync(join(folder.path, 'config/plan.json'), 'utf8'));
    for (const edited of [
      { ...plan, mailc: '9.9.9' },
      { ...plan, commit: 'f'.repeat(40) },
      { ...plan, summary: { create: 0, update: 0, delete: 0 } },
      { ...plan, note: 'approved' },
    ]) {
      folder.write({ 'config/edited.json': JSON.stringify(edited) });
      const run = await folder.mailc(['apply', 'edited.json', ...folder.live, '--yes']);
      expect(run.code).toBe(5);
      expect(run.stderr).toMatch(/error\[plan-(edited|version)\]/);
    }
    folder.write({ 'config/plan.json': JSON.stringify(plan) });
    expect((await folder.mailc(['apply', 'plan.json', ...folder.live, '--yes'])).code).toBe(0);
  });

  test('of one commit is stale at another one, though mail.yaml is the same', async () => {
    const folder = await anAppliedSystem();
    await change(folder, 'quota: 1GB', 'quota: 2GB');
    await folder.mailc(['plan', ...folder.live, '-o', 'plan.json']);
    folder.write({ 'README.md': 'Mail' });
    await folder.commit();
    const run = await folder.mailc(['apply', 'plan.json', ...folder.live, '--yes']);
    expect(run.code).toBe(5);
    expect(run.stderr).toContain('stale');
  });

  test('is stale once somebody changed what is live', async () => {
    const folder = await anAppliedSystem();
    await change(folder, 'quota: 1GB', 'quota: 2GB');
    await folder.mailc(['plan', ...folder.live, '-o', 'plan.json']);
    const { appendFileSync } = await import('node:fs');
    appendFileSync(join(folder.path, 'host/srv/mail/mailc/postfix/current/main.cf'), 'mynetworks = ::/0\n');
    expect((await folder.mailc(['apply', 'plan.json', ...folder.live, '--yes'])).code).toBe(5);
  });

  test('of yesterday is gone when today’s cannot be made', async () => {
    const folder = await anAppliedSystem();
    await folder.mailc(['plan', ...folder.live, '-o', 'plan.json']);
    await change(folder, 'version: 1', 'version: 2');
    expect((await folder.mailc(['plan', ...folder.live, '-o', 'plan.json'])).code).toBe(3);
    expect(readdirSync(join(folder.path, 'config'))).toEqual(['mail.yaml']);
  });
});

describe('apply', () => {
  test('wants what it applies committed', async () => {
    const folder = await anAppliedSystem();
    folder.write({ 'config/mail.yaml': smallMailYaml.replace('quota: 1GB', 'quota: 2GB') });
    const refused = await folder.mailc(['apply', ...folder.live, '--yes']);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('--allow not-committed');
    expect((await folder.mailc(['apply', ...folder.live, '--yes', '--allow-dirty'])).code).toBe(0);
  });

  test('without a terminal and without --yes ends at once', async () => {
    const folder = await aFolder({ 'mail.yaml': smallMailYaml });
    const apply = await folder.mailc(['apply', '--root', 'host']);
    expect(apply.code).toBe(1);
    expect(apply.stderr).toContain('--yes');
  });

  test('leaves everything as it was when a chosen secret is missing', async () => {
    const relay = 'relay: { host: smtp.example.net, username: bob, password: { env: RELAY_PASSWORD } }\n';
    const folder = await aFolder({ 'mail.yaml': smallMailYaml + relay });
    const apply = await folder.mailc(['apply', '--root', '../missing-secret-host', '--yes', '--allow-dirty']);
    expect(apply.code).toBe(7);
    expect(apply.stderr).toContain('error[secret-missing]');
    expect(apply.stderr).toContain('everything is as it was before');
  });

  test('says who holds the lock, and exits 6', async () => {
    const folder = await anAppliedSystem();
    const { takeHostLock } = await import('../../src/targets/host/lock.ts');
    const holder = { pid: 4711, since: '2026-01-02T03:04:05.000Z', who: 'carol@mx1' };
    const attempt = await takeHostLock(join(folder.path, 'host/srv/mail/mailc'), holder);
    await change(folder, 'quota: 1GB', 'quota: 2GB');
    const apply = await folder.mailc(['apply', ...folder.live, '--yes']);
    expect(apply.code).toBe(6);
    expect(apply.stderr).toContain('carol@mx1 (process 4711) since 2026-01-02T03:04:05.000Z');
    if ('lock' in attempt) await attempt.lock.release();
    expect((await folder.mailc(['apply', ...folder.live, '--yes'])).code).toBe(0);
  });

  test('keeps secrets to root, and configuration with secrets too', async () => {
    const folder = await anAppliedSystem();
    const secrets = join(folder.path, 'host/srv/mail/mailc/secrets');
    expect(statSync(secrets).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(secrets)) expect(statSync(join(secrets, name)).mode & 0o777).toBe(0o600);
    const values = readdirSync(secrets).map((name) => readFileSync(join(secrets, name), 'utf8').trim());
    for (const [path, { text, mode }] of Object.entries(filesBelow(join(folder.path, 'host')))) {
      if (path.includes('/secrets/') || !values.some((value) => text.includes(value))) continue;
      expect(mode & 0o077, path).toBe(0);
    }
  });
});

function filesBelow(root: string): Record<string, { text: string; mode: number; modified: number }> {
  const found: Record<string, { text: string; mode: number; modified: number }> = {};
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mode, mtimeMs } = statSync(path);
    found[path] = { text: readFileSync(path, 'utf8'), mode, modified: mtimeMs };
  }
  return found;
}

/** All but the note of who holds the lock, which every attempt rewrites. */
function snapshot(root: string): Record<string, { text: string; mode: number; modified: number }> {
  return Object.fromEntries(
    Object.entries(filesBelow(root)).filter(([path]) => !path.endsWith('/mailc/lock')),
  );
}
