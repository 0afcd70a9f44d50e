// Real signatures by ssh-keygen and gpg, judged by the real git.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  aPullingHost,
  gpgKey,
  mailYaml,
  type PullingHost,
  sshKey,
} from '../../../test/support/a-pulling-host.ts';
import { readAgentConfig } from './agent-config.ts';
import { openClone } from './clone.ts';
import { verifyCommit } from './verify-commit.ts';

const files = { 'mail.yaml': mailYaml };

/** Who signed the head of the branch, or the diagnostic that refuses it. */
async function verdict(host: PullingHost): Promise<string> {
  const text = readFileSync(join(host.path, 'agent.yaml'), 'utf8');
  const config = readAgentConfig({ path: 'agent.yaml', text, isExposed: false }).value;
  if (config === null) throw new Error(text);
  const { signal } = new AbortController();
  const clone = (await openClone({ config, signal })).value;
  const commit = clone && (await clone.fetch()).value;
  if (!clone || !commit) throw new Error('nothing was fetched');
  const { value, diagnostics } = await verifyCommit(commit, { config, clone, signal });
  if (value !== null) return `by ${value.by}`;
  return diagnostics.map(({ code, message }) => `${code}: ${message.replace(commit, 'COMMIT')}`).join('; ');
}

const allow = (host: PullingHost, ...lines: readonly string[]) =>
  writeFileSync(join(host.path, 'allowed'), lines.map((line) => `${line}\n`).join(''));

describe('a commit signed with ssh', () => {
  test('by an allowed key is good', async () => {
    const host = await aPullingHost();
    host.push(files);
    expect(await verdict(host)).toBe('by alice@example.com');
  });

  test('is good with bytes in its message that are no UTF-8', async () => {
    const host = await aPullingHost();
    host.git('config', 'i18n.commitEncoding', 'latin1');
    writeFileSync(join(host.path, 'message'), Buffer.from('Größe\n', 'latin1'));
    host.git('config', 'core.editor', `cp ${join(host.path, 'message')}`);
    host.push(files);
    host.git(
      '-c',
      'gpg.format=ssh',
      '-c',
      `user.signingKey=${join(host.path, 'alice')}`,
      'commit',
      '--quiet',
      '--amend',
      '-S',
    );
    host.git('push', '--quiet', '--force', 'origin', 'HEAD:main');
    expect(await verdict(host)).toBe('by alice@example.com');
  });

  test('by a stranger is refused, and the key is named', async () => {
    const host = await aPullingHost();
    const mallory = sshKey(host.path, 'mallory');
    host.push(files, { sign: mallory.path });
    expect(await verdict(host)).toMatch(
      /^commit-signature-refused: commit COMMIT is refused: its ED25519 key SHA256:\S+ is none of the allowed signers$/,
    );
  });

  test('by a key that is allowed for another purpose than git is refused', async () => {
    const host = await aPullingHost();
    allow(host, `alice@example.com namespaces="file,email" ${sshKey(host.path, 'alice').publicKey}`);
    host.push(files);
    expect(await verdict(host)).toContain('may not sign for git (namespaces= in the allowed signers)');
  });

  test('by an allowed signer who is not named where agent.yaml names some is refused', async () => {
    const host = await aPullingHost();
    host.configure({ principals: '[bob@example.com]' });
    host.push(files);
    expect(await verdict(host)).toContain(
      'its key is that of "alice@example.com", whom agent.yaml does not name',
    );
    host.configure({ principals: '[bob@example.com, alice@example.com]' });
    expect(await verdict(host)).toBe('by alice@example.com');
  });

  test('by a key that has expired is refused', async () => {
    const host = await aPullingHost();
    allow(host, `alice@example.com valid-before="20200101" ${sshKey(host.path, 'alice').publicKey}`);
    host.push(files);
    expect(await verdict(host)).toContain('has expired (valid-before= in the allowed signers)');
  });

  test('by a key that has expired is refused also when the commit says that it is older', async () => {
    const host = await aPullingHost();
    allow(host, `alice@example.com valid-before="20200101" ${sshKey(host.path, 'alice').publicKey}`);
    const commit = host.push(files, { date: '2019-06-01T12:00:00Z' });
    host.git('-c', `gpg.ssh.allowedSignersFile=${join(host.path, 'allowed')}`, 'verify-commit', commit);
    expect(await verdict(host)).toContain('the key of "alice@example.com" is not valid any more');
  });

  test('by a key that is not valid yet is refused', async () => {
    const host = await aPullingHost();
    allow(host, `alice@example.com valid-after="20990101" ${sshKey(host.path, 'alice').publicKey}`);
    host.push(files);
    expect(await verdict(host)).toContain('is not valid yet');
  });

  test('and then changed is refused', async () => {
    const host = await aPullingHost();
    host.push(files);
    const object = host.git('cat-file', 'commit', 'HEAD');
    writeFileSync(join(host.path, 'forged'), `${object.replace('\nChange', '\nForged')}\n`);
    const forged = host.git('hash-object', '-w', '-t', 'commit', join(host.path, 'forged'));
    host.git('push', '--quiet', '--force', 'origin', `${forged}:refs/heads/main`);
    expect(await verdict(host)).toBe(
      'commit-signature-refused: commit COMMIT is refused: the signature does not fit the commit',
    );
  });

  test('is refused where only gpg is allowed, and where the list of signers is gone', async () => {
    const host = await aPullingHost();
    host.push(files);
    const key = gpgKey('Carol <carol@example.com>');
    writeFileSync(join(host.path, 'keys.asc'), key.publicKey);
    host.configure({ allowed_signers: null, gpg_keys: join(host.path, 'keys.asc') });
    expect(await verdict(host)).toContain('it is signed with ssh, and agent.yaml allows gpg alone');
    host.configure({ allowed_signers: join(host.path, 'gone'), gpg_keys: null });
    expect(await verdict(host)).toMatch(/the list of who may sign, ".*gone", cannot be read$/);
  });
});

describe('a commit signed with gpg', () => {
  test('by a key in the file of keys is good', async () => {
    const host = await aPullingHost();
    const carol = gpgKey('Carol <carol@example.com>');
    writeFileSync(join(host.path, 'keys.asc'), carol.publicKey);
    host.configure({ gpg_keys: join(host.path, 'keys.asc') });
    host.push(files, { sign: `gpg:${carol.fingerprint}`, home: carol.home });
    expect(await verdict(host)).toBe(`by Carol <carol@example.com> (${carol.fingerprint})`);
  });

  test('by a key that only the keyring of whoever runs mailc has is refused', async () => {
    const host = await aPullingHost();
    const [carol, mallory] = [gpgKey('Carol <carol@example.com>'), gpgKey('Carol <carol@example.com>')];
    writeFileSync(join(host.path, 'keys.asc'), carol.publicKey);
    host.configure({ gpg_keys: join(host.path, 'keys.asc') });
    host.push(files, { sign: `gpg:${mallory.fingerprint}`, home: mallory.home });
    process.env.GNUPGHOME = mallory.home;
    const said = await verdict(host);
    delete process.env.GNUPGHOME;
    expect(said).toBe(
      `commit-signature-refused: commit COMMIT is refused: its key ${mallory.fingerprint.slice(-16)} is none of the allowed keys`,
    );
  });

  test('by a key that has expired since is refused', async () => {
    const host = await aPullingHost();
    const carol = gpgKey('Carol <carol@example.com>', 'seconds=3');
    writeFileSync(join(host.path, 'keys.asc'), carol.publicKey);
    host.configure({ gpg_keys: join(host.path, 'keys.asc') });
    host.push(files, { sign: `gpg:${carol.fingerprint}`, home: carol.home });
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(await verdict(host)).toContain(`its key ${carol.fingerprint.slice(-16)} has expired`);
  });

  test('by a key that was revoked is refused', async () => {
    const host = await aPullingHost();
    const carol = gpgKey('Carol <carol@example.com>');
    host.push(files, { sign: `gpg:${carol.fingerprint}`, home: carol.home });
    const certificate = join(carol.home, 'openpgp-revocs.d', `${carol.fingerprint}.rev`);
    const revocation = readFileSync(certificate, 'utf8').replace(/^:-----BEGIN/m, '-----BEGIN');
    const gpg = ['--homedir', carol.home, '--batch', '--quiet'];
    execFileSync('gpg', [...gpg, '--import'], { input: revocation, stdio: ['pipe', 'ignore', 'ignore'] });
    writeFileSync(join(host.path, 'keys.asc'), execFileSync('gpg', [...gpg, '--armor', '--export']));
    host.configure({ gpg_keys: join(host.path, 'keys.asc') });
    expect(await verdict(host)).toContain('is revoked');
  });

  test('is refused where only ssh is allowed', async () => {
    const host = await aPullingHost();
    const carol = gpgKey('Carol <carol@example.com>');
    host.push(files, { sign: `gpg:${carol.fingerprint}`, home: carol.home });
    expect(await verdict(host)).toContain('it is signed with gpg, and agent.yaml allows ssh alone');
  });

  test('is refused where the file of keys holds none', async () => {
    const host = await aPullingHost();
    const carol = gpgKey('Carol <carol@example.com>');
    writeFileSync(join(host.path, 'keys.asc'), 'no key\n');
    host.configure({ gpg_keys: join(host.path, 'keys.asc') });
    host.push(files, { sign: `gpg:${carol.fingerprint}`, home: carol.home });
    expect(await verdict(host)).toMatch(/gpg cannot read the keys in ".*keys.asc"$/);
  });
});

test('a commit that is not signed is refused', async () => {
  const host = await aPullingHost();
  host.push(files, { sign: null });
  expect(await verdict(host)).toBe('commit-unsigned: commit COMMIT is not signed');
});
