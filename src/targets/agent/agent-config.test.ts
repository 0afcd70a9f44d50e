import { describe, expect, test } from 'vitest';
import { formatText } from '../../diagnostics/format/text.ts';
import { readAgentConfig } from './agent-config.ts';

const smallest = `version: 1
repository: git@git.example.com:mail.git
allowed_signers: /etc/mailc/allowed_signers
`;

const read = (text: string, isExposed = false) => readAgentConfig({ path: 'agent.yaml', text, isExposed });
const said = (text: string, isExposed = false) =>
  read(text, isExposed).diagnostics.map(({ code, message, position }) => {
    expect(code).toBe('agent-config-invalid');
    return `${position?.line}: ${message}`;
  });

test('what is left out has its usual value', () => {
  expect(read(smallest)).toEqual({
    value: {
      repository: 'git@git.example.com:mail.git',
      branch: 'main',
      file: 'mail.yaml',
      allowedSigners: '/etc/mailc/allowed_signers',
      principals: null,
      gpgKeys: null,
      host: null,
      root: '/',
      database: null,
      state: '/var/lib/mailc/repository',
      sshKey: null,
      knownHosts: null,
      credentials: null,
      timeLimit: 120,
    },
    diagnostics: [],
  });
});

test('everything that is wrong is said at once, each with its line', () => {
  const text = `version: 2
repository: ext::sh -c x
branch: --upload-pack=x
file: ../mail.yaml
allowed_signer: /a
principals: bob
root: here
state: [1]
database: mysql://x
time_limit: 0
`;
  expect(said(text)).toEqual([
    '1: nobody could sign: "allowed_signers", "gpg_keys" or both name who may',
    '1: "version" is 1',
    '2: "repository" names a remote helper, which would run a program',
    '3: "branch" begins with "-", as an option does',
    '4: "file" is written without ".", ".." and empty parts',
    '5: unknown setting "allowed_signer"',
    '6: "principals" is a list of names',
    '7: "root" is an absolute path',
    '8: "state" is text',
    '9: "database" is a Postgres URL, or embedded:FOLDER',
    '10: "time_limit" is a number of seconds, 1 to 3600',
  ]);
});

test('a misspelt setting has a near one', () => {
  expect(read(`${smallest}braanch: x\n`).diagnostics).toMatchObject([{ hint: 'did you mean "branch"?' }]);
});

test('a repository is needed, and a file that is none is said to be', () => {
  expect(said('version: 1\nallowed_signers: /a\n')).toEqual(['1: "repository" is missing']);
  expect(said('- a\n')).toEqual(['1: it is a map of settings']);
  expect(read('a: [').value).toBe(null);
});

describe('a password', () => {
  const withPassword = `${smallest}database: postgres://mail:hunter2@localhost/mail\n`;

  test('needs a file that nobody else reads', () => {
    expect(said(withPassword, true)).toEqual(['4: "database" holds a password that others can read']);
    expect(said(withPassword)).toEqual([]);
    expect(said(`${smallest}database: postgres://mail@localhost/mail\n`, true)).toEqual([]);
  });

  test('is in no message', () => {
    for (const text of [
      withPassword,
      withPassword.replace('postgres', 'mysql'),
      smallest.replace('git@git.example.com:mail.git', 'https://bob:hunter2@git.example.com/mail'),
    ]) {
      const { diagnostics } = read(text, true);
      expect(diagnostics.length).toBe(1);
      expect(formatText(diagnostics, [{ path: 'agent.yaml', text }])).not.toContain('hunter2');
    }
  });
});
