/** mailc init --agent: what it installs, what it never overwrites, and that what it installs can pull. */
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aPullingHost, mailYaml } from '../support/a-pulling-host.ts';
import { aFolder } from '../support/run-mailc.ts';

const flags = ['init', '--agent', '--root', 'host', '--repository', 'git@git.example.com:mail.git'];
const forHost = [...flags, '--host', 'mail.example.com'];
const configuration = 'host/etc/mailc/agent.yaml';
const unit = 'host/etc/systemd/system/mailc-pull.service';

test('writes the unit, the timer and a configuration that only root reads, and says what comes next', async () => {
  const folder = await aFolder({}, { git: false });
  const run = await folder.mailc(forHost);
  expect(run.code).toBe(0);
  expect(run.stdout).toMatch(
    /^wrote \/etc\/systemd\/system\/mailc-pull.service\nwrote \/etc\/systemd\/system\/mailc-pull.timer\nwrote \/etc\/mailc\/agent.yaml\n/,
  );
  expect(run.stdout).toContain('systemctl enable --now mailc-pull.timer');
  expect(readFileSync(join(folder.path, unit), 'utf8')).toMatch(
    /^ExecStart=\S+node \/\S+\/dist\/mailc.cjs pull$/m,
  );
  expect(statSync(join(folder.path, configuration)).mode & 0o777).toBe(0o600);
});

test('run again changes nothing, with and without the settings', async () => {
  const folder = await aFolder({}, { git: false });
  await folder.mailc(forHost);
  expect((await folder.mailc(forHost)).stdout).toMatch(/^(unchanged \S+\n){3}/);
  const again = await folder.mailc(['init', '--agent', '--root', 'host']);
  expect(again.stdout).toMatch(/^(unchanged \S+\n){2}kept \/etc\/mailc\/agent.yaml as it is\n/);
});

test('overwrites nothing that is different, unless told to, and keeps it then', async () => {
  const folder = await aFolder({}, { git: false });
  await folder.mailc(forHost);
  const edited = `${readFileSync(join(folder.path, configuration), 'utf8')}time_limit: 10\n`;
  writeFileSync(join(folder.path, configuration), edited);
  const refused = await folder.mailc([...forHost, '--branch', 'production']);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('error[file-exists]: /etc/mailc/agent.yaml is there, and different');
  expect(readFileSync(join(folder.path, configuration), 'utf8')).toBe(edited);
  const replaced = await folder.mailc([...forHost, '--branch', 'production', '--replace']);
  expect(replaced.stdout).toContain(
    'replaced /etc/mailc/agent.yaml; the former one is /etc/mailc/agent.yaml.before\n',
  );
  expect(readFileSync(join(folder.path, configuration), 'utf8')).toContain('branch: production\n');
  expect(readFileSync(join(folder.path, `${configuration}.before`), 'utf8')).toBe(edited);
});

test.each([
  [['--repository', 'ext::sh -c x', '--host', 'mail.example.com'], '"repository" names a remote helper'],
  [['--branch=--upload-pack=x', '--host', 'mail.example.com'], '"branch" begins with "-"'],
  [['--host', 'mail.example.com', '--database', 'mysql://bob:hunter2@x/y'], '"database" is a Postgres URL'],
])('judges %j before it writes', async (words, said) => {
  const folder = await aFolder({}, { git: false });
  const run = await folder.mailc([...flags, ...words]);
  expect(run.code).toBe(1);
  expect(run.stderr).toContain(said);
  expect(run.stderr).not.toContain('hunter2');
  expect(existsSync(join(folder.path, 'host'))).toBe(false);
});

test('without a terminal says which flag is missing', async () => {
  const folder = await aFolder({}, { git: false });
  const run = await folder.mailc(['init', '--agent', '--root', 'host', '--host', 'mail.example.com']);
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('--repository');
});

test('its flags are for --agent', async () => {
  const folder = await aFolder({}, { git: false });
  const run = await folder.mailc(['init', '--repository', '/srv/git/mail.git']);
  expect(run).toMatchObject({ code: 1, stdout: '' });
  expect(run.stderr).toContain('mailc init --agent');
});

test('where it may not write, it says so', async () => {
  const folder = await aFolder({ 'host/etc': 'a file' }, { git: false });
  const run = await folder.mailc(forHost);
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('error[output-not-writable]: /etc/systemd/system/mailc-pull.service');
});

test('what it installs pulls', async () => {
  const host = await aPullingHost();
  host.push({ 'mail.yaml': mailYaml });
  const folder = await aFolder({}, { git: false });
  const signers = join(host.path, 'allowed');
  const words = ['--repository', host.repository, '--host', 'mail.example.com', '--allowed-signers', signers];
  expect((await folder.mailc(['init', '--agent', '--root', 'host', ...words])).code).toBe(0);
  // Beside the defaults, since this machine is not the one that is meant.
  const path = join(folder.path, configuration);
  writeFileSync(path, `${readFileSync(path, 'utf8')}root: ${host.root}\nstate: ${host.state}\n`);
  chmodSync(path, 0o600);
  const run = await folder.mailc(['pull', '--config', path]);
  expect(run.stdout).toContain('Applied: ');
  expect(run.code).toBe(0);
});
