import { expect, test } from 'vitest';
import { describeReal } from '../../test/debian/debian13.ts';
import { judgePassword, strongSchemes } from './password-hash.ts';

const digest = 'h'.repeat(86);

test('SHA512-CRYPT is accepted with and without its name, and named in the result', () => {
  const hash = `$6$rounds=50000$saltsalt$${digest}`;
  const accepted = { verdict: 'accepted', hash: `{SHA512-CRYPT}${hash}`, cheap: null };

  expect(judgePassword(hash)).toEqual(accepted);
  expect(judgePassword(`{SHA512-CRYPT}${hash}`)).toEqual(accepted);
  expect(judgePassword(`{sha512-crypt}${hash}`)).toEqual(accepted);
  expect(judgePassword(`{CRYPT}${hash}`)).toEqual(accepted);
});

test.each([
  ['hunter2', { verdict: 'clear-text' }],
  ['', { verdict: 'clear-text' }],
  ['{PLAIN}hunter2', { verdict: 'clear-text' }],
  ['{hunter2}', { verdict: 'unknown-scheme', near: null }],
  ['{SHA512CRYPT}$6$', { verdict: 'unknown-scheme', near: 'SHA512-CRYPT' }],
  ['$1$salt$abcdefghijklmnopqrstu.', { verdict: 'weak-scheme', scheme: 'MD5-CRYPT' }],
  ['{CRYPT}abJnggxhB/yWI', { verdict: 'weak-scheme', scheme: 'DES-CRYPT' }],
  ['{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=', { verdict: 'weak-scheme', scheme: 'SHA' }],
  ['{SCRAM-SHA-1}4096,a,b,c', { verdict: 'weak-scheme', scheme: 'SCRAM-SHA-1' }],
  [`$2y$12$${'a'.repeat(53)}`, { verdict: 'scheme-missing', scheme: 'BLF-CRYPT' }],
  [`$6$saltsalt$${'h'.repeat(85)}`, { verdict: 'malformed', scheme: 'SHA512-CRYPT' }],
  [`$6$rounds=50000$saltsalt$${digest}x`, { verdict: 'malformed', scheme: 'SHA512-CRYPT' }],
  [`$6$rounds=999$saltsalt$${digest}`, { verdict: 'malformed', scheme: 'SHA512-CRYPT' }],
  [`$6$sa%{x}lt$${digest}`, { verdict: 'malformed', scheme: 'SHA512-CRYPT' }],
  [`{ARGON2ID}$6$saltsalt$${digest}`, { verdict: 'malformed', scheme: 'ARGON2ID' }],
])('%s is refused, and nothing of it but a known scheme is repeated', (text, verdict) => {
  expect(judgePassword(text)).toEqual(verdict);
});

test.each([
  [`$6$saltsalt$${digest}`, '5000 rounds where 20000 are the least'],
  [`$6$rounds=20000$saltsalt$${digest}`, null],
  [`{BLF-CRYPT}$2y$05$${'a'.repeat(53)}`, 'cost 5 where 10 is the least'],
  [`{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$${'a'.repeat(22)}$${'b'.repeat(43)}`, null],
  [
    `{ARGON2I}$argon2i$v=19$m=4096,t=3,p=1$${'a'.repeat(22)}$${'b'.repeat(43)}`,
    'm=4096,t=3 where m=19456,t=2 is the least',
  ],
  [`{SSHA256}${'a'.repeat(48)}`, 'one round where 20000 are the least'],
])('%s costs its guesser: %s', (text, cheap) => {
  expect(judgePassword(text)).toMatchObject({ verdict: 'accepted', cheap });
});

describeReal('Dovecot', (debian) => {
  test.each(strongSchemes)('makes hashes of scheme %s that are accepted as they are', async (scheme) => {
    const { stdout, stderr } = await debian.run(['doveadm', 'pw', '-s', scheme, '-p', 'correct horse']);
    const hash = stdout.trim();

    expect(stderr).toBe('');
    expect(judgePassword(hash)).toMatchObject({ verdict: 'accepted', hash });
  });

  test('knows no scheme that is neither accepted nor refused by name', async () => {
    const { stdout } = await debian.run(['doveadm', 'pw', '-l']);
    const verdicts = stdout
      .trim()
      .split(/\s+/)
      .map((scheme) => judgePassword(`{${scheme}}x`).verdict);

    expect(new Set(verdicts)).toEqual(new Set(['weak-scheme', 'clear-text', 'malformed']));
  });
});
