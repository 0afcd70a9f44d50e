/** Another value for a secret that mailc has made, as a plan; what cannot be rotated like that is explained. */
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder, type Run, runMailc } from '../support/run-mailc.ts';
import { smallMailYaml } from '../support/small-mail-yaml.ts';

async function anInstallation(more = '') {
  const folder = await aFolder({ 'source/mail.yaml': smallMailYaml + more });
  const data = join(folder.path, 'rotate-host/srv/mail/mailc');
  const environment = { RELAY_PASSWORD: 'chosen' };
  const mailc = (...words: readonly string[]): Promise<Run> =>
    runMailc([...words, '--root', '../rotate-host'], join(folder.path, 'source'), { environment });
  expect((await mailc('apply', '--yes')).code).toBe(0);
  return { data, mailc, secret: (name: string) => readFileSync(join(data, 'secrets', name), 'utf8') };
}

test('the SRS key: the former one is accepted until the next rotation', async () => {
  const { data, mailc, secret } = await anInstallation();
  const first = secret('srs.key');
  expect((await mailc('rotate', 'srs.key', '--yes')).code).toBe(0);
  const [second = '', ...before] = secret('srs.key').split('\n');
  expect(second).toMatch(/^[A-Za-z0-9]{32}$/);
  expect(before).toEqual([first]);
  expect(readFileSync(join(data, 'postfix/current/srs.key'), 'utf8')).toBe(`${second}\n${first}\n`);
  expect((await mailc('rotate', 'srs.key', '--yes')).code).toBe(0);
  expect(secret('srs.key').split('\n').slice(1)).toEqual([second]);
  expect((await mailc('plan')).stdout).toBe('No changes.\n');
});

test('the plan says why, and without a yes nothing happens', async () => {
  const { mailc, secret } = await anInstallation();
  const before = secret('srs.key');
  const { stdout, stderr, code } = await mailc('rotate', 'srs.key');
  expect(stdout).toContain('postfix/srs.key gets a new secret');
  expect(stderr).toContain('srs.key gets another value, in the files above\n');
  expect(code).toBe(1);
  const json = await mailc('rotate', 'srs.key', '--format', 'json');
  expect(json.stdout).toContain('rotates-secret');
  expect(secret('srs.key')).toBe(before);
});

test('what cannot be rotated like this', async () => {
  const relay = 'relay: { host: smtp.example.net, username: bob, password: { env: RELAY_PASSWORD } }\n';
  const { mailc } = await anInstallation(relay);
  const said = async (name: string): Promise<string> => {
    const { stderr, code } = await mailc('rotate', name, '--yes');
    expect(code).toBe(1);
    return stderr;
  };
  expect(await said('srs.keys')).toContain('error: mail.yaml has no secret "srs.keys"\nhint: it has ');
  expect(await said('relay.password')).toContain(
    'error: somebody has chosen relay.password: change it where it is kept (RELAY_PASSWORD), then mailc apply\n',
  );
  expect(await said('database.mail.password')).toContain('give --database URL');
  expect(await said('dkim.example.com.mail')).toContain(
    '  1. example.com: { dkim: { selector: mail, next: NEW } }\n',
  );
});

test('a key that is lost is not made anew unless somebody says so', async () => {
  const { data, mailc, secret } = await anInstallation();
  const key = join(data, 'secrets/dkim.example.com.mail');
  renameSync(key, join(data, 'lost'));
  const { stdout, stderr, code } = await mailc('apply', '--yes');
  expect(stdout).toContain(
    '! rotates-key: dkim.example.com.mail is gone from the secrets of mail.example.com',
  );
  expect(stderr).toContain('--allow rotates-key');
  expect(code).toBe(4);

  renameSync(join(data, 'lost'), key);
  expect((await mailc('plan')).stdout).toBe('No changes.\n');

  const before = secret('dkim.example.com.mail');
  rmSync(key);
  expect((await mailc('apply', '--yes', '--allow', 'rotates-key')).code).toBe(0);
  expect(secret('dkim.example.com.mail')).not.toBe(before);
});
