import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { branchProblem, isGitFolder, pathProblem, repositoryProblem, transportOf } from './git-names.ts';

describe('the address of a repository', () => {
  test.each([
    ['https://git.example.com/mail.git', 'https'],
    ['https://bob@git.example.com:8443/mail', 'https'],
    ['https://[2001:db8::1]/mail.git', 'https'],
    ['ssh://git@git.example.com:2222/~/mail.git', 'ssh'],
    ['git@github.com:example/mail.git', 'ssh'],
    ['file:///srv/git/mail.git', 'file'],
    ['/srv/git/mail.git', 'file'],
  ])('may be %s', (text, transport) => {
    expect(repositoryProblem(text)).toBe(null);
    expect(transportOf(text)).toBe(transport);
  });

  test.each([
    ['--upload-pack=touch /tmp/x', 'begins with "-", as an option does'],
    ['ext::sh -c "touch /tmp/x"', 'names a remote helper, which would run a program'],
    ['fd::17', 'names a remote helper, which would run a program'],
    ['http://git.example.com/mail.git', 'crosses the network in clear: use https or ssh'],
    ['git://git.example.com/mail.git', 'crosses the network in clear: use https or ssh'],
    ['https://bob:secret@git.example.com/', 'has a password in it: name a file of them under "credentials"'],
    ['ssh://-oProxyCommand=x/mail', 'is an https or ssh URL, user@host:path, or an absolute path'],
    ['ssh://git@-oProxyCommand=x/mail', 'has no host that could be one'],
    ['-oProxyCommand=x:mail', 'begins with "-", as an option does'],
    ['git@-oProxyCommand=x:mail', 'is an https or ssh URL, user@host:path, or an absolute path'],
    ['git@host:-mail', 'is an https or ssh URL, user@host:path, or an absolute path'],
    ['https://git.example.com/a\nb', 'has a control character'],
    ['../mail', 'is an https or ssh URL, user@host:path, or an absolute path'],
    ['', 'is an https or ssh URL, user@host:path, or an absolute path'],
  ])('is never %j', (text, problem) => {
    expect(repositoryProblem(text)).toBe(problem);
  });
});

describe('the name of a branch', () => {
  test.each(['main', 'mail/production', 'größe', 'v1.2', 'a'])('may be %s', (name) => {
    expect(branchProblem(name)).toBe(null);
  });

  test.each([
    '',
    '-f',
    '--upload-pack=touch /tmp/x',
    'a..b',
    'a b',
    'a\u0000b',
    'a\u001b[2J',
    'a:b',
    'a^',
    'a~1',
    'a*',
    'a@{1}',
    '@',
    '/a',
    'a/',
    'a//b',
    '.a',
    'a/.b',
    'a.',
    'a.lock',
    'refs/heads/a',
    'x'.repeat(300),
  ])('is never %j', (name) => {
    expect(branchProblem(name)).not.toBe(null);
  });

  test('is one that git takes, whatever it is', () => {
    const names = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'ab/.-@{}~^:*[\\ lock') }),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(names, (name) => {
        if (branchProblem(name) !== null) return;
        execFileSync('git', ['check-ref-format', `refs/heads/${name}`], { stdio: 'ignore' });
      }),
      { numRuns: 200 },
    );
  });
});

describe('the path of mail.yaml', () => {
  test.each(['mail.yaml', 'infra/mail ü/mail.yaml'])('may be %s', (path) => {
    expect(pathProblem(path)).toBe(null);
  });

  test.each([
    '',
    '/etc/passwd',
    '../mail.yaml',
    'a/../b',
    './a',
    'a//b',
    '-a',
    'a\\b',
    '.git/config',
    'a/.GIT/x',
    'a\nb',
  ])('is never %j', (path) => {
    expect(pathProblem(path)).not.toBe(null);
  });

  test('is not in the folder of git, however it is spelt', () => {
    expect(['.git', '.Git', '.g\u200cit'].map(isGitFolder)).toEqual([true, true, true]);
    expect(['git', '.gitignore', '.github'].map(isGitFolder)).toEqual([false, false, false]);
  });
});
