/** Hosts that each apply their own part have the same secrets: one makes them, the others are given them. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder, type Run, runMailc } from '../support/run-mailc.ts';
import { twoHostsMailYaml } from '../support/small-mail-yaml.ts';

async function twoMachines() {
  const folder = await aFolder({ 'source/mail.yaml': twoHostsMailYaml });
  const source = join(folder.path, 'source');
  const on = (host: 'mx' | 'store') => {
    const at = ['--root', `../${host}`, '--host', `${host}.example.com`] as const;
    const secrets = join(folder.path, host, 'srv/mail/mailc/secrets');
    return {
      mailc: (words: readonly string[], stdin = ''): Promise<Run> =>
        runMailc([...words, ...at], source, { stdin }),
      file: (name: string) => join(secrets, name),
      secret: (name: string): string => readFileSync(join(secrets, name), 'utf8'),
    };
  };
  return { mx: on('mx'), store: on('store') };
}

test('a host makes no secret that another one makes for both', async () => {
  const { mx } = await twoMachines();
  const { stderr, code } = await mx.mailc(['apply', '--yes']);
  expect(code).toBe(7);
  expect(stderr).toContain(
    'error[secret-elsewhere]: mx.example.com shares secrets with store.example.com, which makes them: canary.password, database.mail.password',
  );
  expect(stderr).toContain(
    'mailc secrets export --root / --host store.example.com --for mx.example.com | ssh',
  );
  expect(existsSync(mx.file('database.mail.password'))).toBe(false);
});

test('what is exported on the one is imported on the other, and nothing else', async () => {
  const { mx, store } = await twoMachines();
  expect((await store.mailc(['secrets', 'export', '--for', 'mx.example.com'])).stderr).toContain(
    'apply there first',
  );
  expect((await store.mailc(['apply', '--yes'])).code).toBe(0);
  const exported = await store.mailc(['secrets', 'export', '--for', 'mx.example.com']);
  expect(exported.code).toBe(0);
  expect(exported.stderr).toContain('database.mail.password\n');
  expect(exported.stdout).not.toContain('database.postgres.password');
  const imported = await mx.mailc(['secrets', 'import'], exported.stdout);
  expect(imported.code).toBe(0);
  expect(mx.secret('database.mail.password')).toBe(store.secret('database.mail.password'));
  expect(statSync(mx.file('database.mail.password')).mode & 0o777).toBe(0o600);
  expect(imported.stdout + imported.stderr + exported.stderr).not.toContain(
    store.secret('database.mail.password'),
  );
  // The DKIM and SRS keys are of no other host, and made where they are needed.
  expect((await mx.mailc(['apply', '--yes'])).code).toBe(0);
  expect(existsSync(mx.file('dkim.example.com.mail'))).toBe(true);
  expect((await mx.mailc(['plan'])).stdout).toBe('No changes.\n');
});

test('another value of the host is replaced only on demand, and then planned', async () => {
  const { mx, store } = await twoMachines();
  await store.mailc(['apply', '--yes']);
  const { stdout } = await store.mailc(['secrets', 'export']);
  await mx.mailc(['secrets', 'import'], stdout);
  await mx.mailc(['apply', '--yes']);
  writeFileSync(mx.file('database.mail.password'), 'C'.repeat(32));
  const refused = await mx.mailc(['secrets', 'import'], stdout);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(
    'error[secrets-differ]: mx.example.com has other values of database.mail.password',
  );
  expect(mx.secret('database.mail.password')).toBe('C'.repeat(32));
  expect((await mx.mailc(['secrets', 'import', '--replace'], stdout)).code).toBe(0);
  expect(mx.secret('database.mail.password')).toBe(store.secret('database.mail.password'));
});

test.each([
  ['nothing at all', () => ''],
  ['half of it', (text: string) => text.slice(0, text.length / 2)],
  ['a value that was changed', (text: string) => text.replace(/("database[^"]*": ")./, '$1_')],
])('%s is not imported, and not shown', async (_, spoil) => {
  const { mx, store } = await twoMachines();
  await store.mailc(['apply', '--yes']);
  const { stdout } = await store.mailc(['secrets', 'export']);
  const { code, stderr } = await mx.mailc(['secrets', 'import'], spoil(stdout));
  expect(code).toBe(1);
  expect(stderr).toContain('error[secrets-unreadable]');
  expect(stderr).not.toContain(store.secret('database.mail.password').slice(1));
  expect(existsSync(mx.file('database.mail.password'))).toBe(false);
});
