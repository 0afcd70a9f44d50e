/** A chosen secret may change where it is kept, with no line of mail.yaml the wiser: apply must bring it to the host. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder, type Folder } from '../support/run-mailc.ts';
import { smallMailYaml } from '../support/small-mail-yaml.ts';

const relay = (password: string): string =>
  `relay: { host: smtp.example.net, username: bob, spf_include: spf.example.net, password: ${password} }\n`;
const apply = ['apply', '--root', '../changed-secret-host', '--yes'] as const;
const plan = ['plan', '--root', '../changed-secret-host'] as const;

/** In a folder of its own, since the host's files must not lie among the sources. */
async function anInstallation(password: string): Promise<Folder & { readonly root: string }> {
  const outer = await aFolder({ 'source/mail.yaml': smallMailYaml + relay(password) });
  const { runMailc } = await import('../support/run-mailc.ts');
  const folder = join(outer.path, 'source');
  return {
    ...outer,
    root: join(outer.path, 'changed-secret-host'),
    mailc: (words, options) => runMailc(words, folder, options),
  };
}

const installedPassword = (root: string): string =>
  readFileSync(join(root, 'srv/mail/mailc/postfix/current/relay-password'), 'utf8');

test('of an environment variable', async () => {
  const { mailc, root } = await anInstallation('{ env: RELAY_PASSWORD }');
  const before = { environment: { RELAY_PASSWORD: 'first-secret' } };
  const after = { environment: { RELAY_PASSWORD: 'second-secret' } };
  expect((await mailc(apply, before)).code).toBe(0);
  expect((await mailc(plan, before)).stdout).toBe('No changes.\n');

  const changed = await mailc([...plan, '--full'], after);
  expect(changed.stdout).toMatch(/~ update .*postfix\/relay-password +content changed, then reload postfix/);
  expect(changed.stdout).toContain('0 to create, 1 to update, 0 to delete.');
  expect(changed.stdout + changed.stderr).not.toMatch(/(first|second)-secret/);
  expect((await mailc(apply, after)).code).toBe(0);
  expect(installedPassword(root)).toContain('bob:second-secret\n');
  expect((await mailc(plan, after)).stdout).toBe('No changes.\n');

  // Whoever plans need not have it.
  expect((await mailc(plan)).stdout).toBe('No changes.\n');
});

test('of a file', async () => {
  const { mailc, root } = await anInstallation('{ file: /root/relay-password }');
  const file = join(root, 'root/relay-password');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, 'first-secret\n');
  expect((await mailc(apply)).code).toBe(0);
  writeFileSync(file, 'second-secret\n');
  expect((await mailc(plan)).stdout).toContain('0 to create, 1 to update, 0 to delete.');
  expect((await mailc(apply)).code).toBe(0);
  expect(installedPassword(root)).toContain('bob:second-secret\n');
  expect((await mailc(plan)).stdout).toBe('No changes.\n');
});
