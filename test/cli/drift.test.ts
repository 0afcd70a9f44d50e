/** What was changed outside mailc, as a user meets it: named in the plan with who and when, and put right by apply. */
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { postgresServers } from '../database/servers.ts';
import { aFolder, type Folder } from '../support/run-mailc.ts';
import { smallMailYaml } from '../support/small-mail-yaml.ts';

const heading = 'Changed outside mailc since the last apply';

interface AppliedHost extends Folder {
  readonly live: readonly string[];
  /** Of a file below the running generation of Postfix. */
  readonly postfix: (name: string) => string;
}

async function anAppliedHost(mailYaml = smallMailYaml): Promise<AppliedHost> {
  const folder = await aFolder({ 'mail.yaml': mailYaml, '.gitignore': 'host\n' });
  folder.write({ 'host/etc/passwd': `root:x:0:0::/:/bin/sh\ntester:x:${process.getuid?.()}:0::/:/bin/sh\n` });
  const live = ['--root', 'host'];
  expect((await folder.mailc(['apply', ...live, '--yes'])).code).toBe(0);
  return {
    ...folder,
    live,
    postfix: (name) => join(folder.path, 'host/srv/mail/mailc/postfix/current', name),
  };
}

/** Applies, and expects that nothing is left to do. */
async function putRight({ mailc, live }: AppliedHost): Promise<void> {
  expect((await mailc(['apply', ...live, '--yes'])).code).toBe(0);
  expect((await mailc(['plan', ...live])).stdout).toBe('No changes.\n');
}

describe('a file that was', () => {
  const owner = process.getuid?.() === 0 ? 'root' : 'tester';
  const when = `by owner ${owner}, \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC`;

  test('edited is shown with its owner, the time and what apply makes of it', async () => {
    const host = await anAppliedHost();
    appendFileSync(host.postfix('main.cf'), 'mynetworks = 0.0.0.0/0\n');
    const { stdout } = await host.mailc(['plan', ...host.live]);
    expect(stdout).toMatch(
      new RegExp(`^${heading}\n  mail.example.com\n    ~ update file postfix/main.cf .*${when}\n`),
    );
    expect(stdout).toContain('        -mynetworks = 0.0.0.0/0\n');
    expect(stdout).toContain('reload postfix on mail.example.com (postfix/main.cf changed outside mailc)\n');
    await putRight(host);
  });

  test('added is taken away, and one that was removed comes back', async () => {
    const host = await anAppliedHost();
    writeFileSync(host.postfix('mine.cf'), 'x\n');
    rmSync(host.postfix('main.cf'));
    const { stdout } = await host.mailc(['plan', ...host.live]);
    expect(stdout).not.toContain('mail.yaml changes');
    expect(stdout).toMatch(new RegExp(`- delete file postfix/mine.cf +1 line, added ${when}\n`));
    expect(stdout).toMatch(/\+ create file postfix\/main.cf +\d+ lines, removed, \d{4}-.*UTC\n/);
    await putRight(host);
  });

  test('given another mode gets its own again', async () => {
    const host = await anAppliedHost();
    chmodSync(host.postfix('main.cf'), 0o666);
    const { stdout } = await host.mailc(['plan', ...host.live]);
    expect(stdout).toMatch(new RegExp(`~ update file postfix/main.cf +mode 0666 -> 0644, .*${when}\n`));
    await putRight(host);
  });

  test('replaced by a link is a file again, and what it leads to is not read', async () => {
    const host = await anAppliedHost();
    writeFileSync(join(host.path, 'host/elsewhere'), 'CANARY\n');
    rmSync(host.postfix('main.cf'));
    symlinkSync('/nowhere', host.postfix('main.cf'));
    rmSync(host.postfix('master.cf'));
    symlinkSync(join(host.path, 'host/elsewhere'), host.postfix('master.cf'));
    const { stdout } = await host.mailc(['plan', ...host.live]);
    expect(stdout).toContain('        -a symbolic link to /nowhere\n');
    expect(stdout).not.toContain('CANARY');
    await putRight(host);
    expect(lstatSync(host.postfix('main.cf')).isFile()).toBe(true);
  });

  test('edited where mail.yaml changes it as well is shown three ways', async () => {
    const host = await anAppliedHost();
    appendFileSync(host.postfix('main.cf'), 'by_hand = yes\n');
    host.write({ 'mail.yaml': `${smallMailYaml}\nmail:\n  message_size: 11MB\n` });
    await host.commit();
    const { stdout } = await host.mailc(['plan', ...host.live]);
    expect(stdout).toMatch(/^mail.yaml changes\n[\s\S]*postfix\/main.cf .*changed outside mailc too\n/);
    const [, outside = ''] = stdout.split(`${heading}\n`);
    expect(outside).toMatch(
      /--- as applied\n[\s\S]*\+by_hand = yes\n[\s\S]*--- as it is\n[\s\S]*-by_hand = yes\n/,
    );
    await putRight(host);
  });

  test('edited and put back by hand is no change', async () => {
    const host = await anAppliedHost();
    const main = readFileSync(host.postfix('main.cf'));
    appendFileSync(host.postfix('main.cf'), 'x\n');
    writeFileSync(host.postfix('main.cf'), main);
    expect((await host.mailc(['plan', ...host.live])).stdout).toBe('No changes.\n');
  });

  test('edited in a generation of an older mailc is shown, though not what it had been', async () => {
    const host = await anAppliedHost();
    const manifest = host.postfix('.mailc.json');
    const { files, ...rest } = JSON.parse(readFileSync(manifest, 'utf8'));
    for (const file of Object.values<Record<string, unknown>>(files)) delete file.text;
    writeFileSync(manifest, JSON.stringify({ ...rest, files }));
    expect((await host.mailc(['plan', ...host.live])).stdout).toBe('No changes.\n');
    appendFileSync(host.postfix('main.cf'), 'by_hand = yes\n');
    const { stdout } = await host.mailc(['plan', ...host.live]);
    expect(stdout).toMatch(
      new RegExp(`${heading}\n  mail.example.com\n    ~ update file postfix/main.cf .*${when}\n`),
    );
    await putRight(host);
  });
});

test('an earlier generation that somebody went back to by hand names the owner of the link', async () => {
  const host = await anAppliedHost();
  host.write({ 'mail.yaml': `${smallMailYaml}\nmail:\n  message_size: 11MB\n` });
  await host.commit();
  await putRight(host);
  const unit = join(host.path, 'host/srv/mail/mailc/postfix');
  rmSync(join(unit, 'current'));
  symlinkSync('1', join(unit, 'current'));
  const { stdout } = await host.mailc(['plan', ...host.live]);
  expect(stdout).not.toContain('mail.yaml changes');
  expect(stdout).toMatch(/~ update file postfix\/main.cf .*by owner \w+, .*UTC\n/);
  expect(stdout).not.toContain('master.cf');
  await putRight(host);
});

test('a whole generation that somebody moved away is put there again', async () => {
  const host = await anAppliedHost();
  renameSync(join(host.path, 'host/srv/mail/mailc/postfix/1'), join(host.path, 'host/srv/moved'));
  await putRight(host);
});

const server = postgresServers()[0];
test.skipIf(server === undefined)(
  'a row that was changed by hand names its role; a saved plan of it can be applied once',
  async () => {
    const database = await server?.createDatabase();
    onTestFinished(() => database?.drop());
    const folder = await aFolder({ 'mail.yaml': smallMailYaml });
    const live = ['--database', database?.url ?? ''];
    expect((await folder.mailc(['apply', ...live, '--yes'])).code).toBe(0);
    const client = new pg.Client({ connectionString: database?.url, application_name: '\u001b[2J evil' });
    await client.connect();
    await client.query(`UPDATE public.users SET password = '{X}CANARY' WHERE name = 'bob'`);
    await client.query(
      `INSERT INTO public.users (name, domain, password, mailbox) VALUES ('eve', 'example.com', '{X}CANARY', 'e/eve')`,
    );
    await client.end();

    const { stdout } = await folder.mailc(['plan', ...live, '-o', 'plan.json']);
    expect(stdout).toMatch(
      new RegExp(`^${heading}\n  database\n    - delete user eve@example.com  added by role `),
    );
    expect(stdout).toMatch(
      /~ update user bob@example.com {2}password changed, by role .*UTC {2}! changes-password/,
    );
    expect(stdout).toContain('nothing for 2 rows: the services read the database as it is\n');
    const json = await folder.mailc(['plan', ...live, '--format', 'json']);
    expect(JSON.parse(json.stdout).changes).toMatchObject([
      { reason: 'changed-outside', drift: { by: expect.stringMatching(/^role /), applied: null } },
      { reason: 'changed-outside', drift: { applied: { password: { redacted: true, changed: true } } } },
    ]);
    expect(`${stdout}${json.stdout}${readFileSync(join(folder.path, 'plan.json'), 'utf8')}`).not.toMatch(
      /CANARY|\u001b/,
    );

    const allowed = ['--allow', 'deletes-user', '--allow', 'changes-password', '--allow', 'deletes-many'];
    expect((await folder.mailc(['apply', 'plan.json', ...live, '--yes', ...allowed])).code).toBe(0);
    expect((await folder.mailc(['plan', ...live])).stdout).toBe('No changes.\n');
    expect((await folder.mailc(['apply', 'plan.json', ...live, '--yes', ...allowed])).code).toBe(5);
  },
);
