import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { sha512crypt } from 'sha512crypt-node';
import { expect, test } from 'vitest';
import { describeReal } from '../../test/debian/debian13.ts';
import {
  defaultRounds,
  hashPassword,
  hashWithSalt,
  longestPassword,
  passwordProblem,
  verifyPassword,
} from './hash-password.ts';
import { sha512Crypt } from './sha512-crypt.ts';

// Wherever UTF-8, UTF-16 and Latin-1 differ, and the lengths at which SHA-512 starts another block.
const known = [
  'a',
  'hunter2',
  'café',
  'cafe\u0301',
  'пароль',
  'pässwörd',
  '密码',
  '👩‍💻 key',
  '$6$x\'"\\',
  ' ',
  'x'.repeat(64),
];
const passwords = fc.oneof(
  fc.constantFrom(...known),
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 130 })
    .filter((password) => passwordProblem(password) === null),
);
const salts = fc.stringMatching(/^[./0-9A-Za-z]{1,16}$/);

test('a hash says its rounds and has sixteen characters of salt', () => {
  const hash = hashPassword('hunter2', { rounds: 5000, randomBytes });
  expect(hash).toMatch(/^\$6\$rounds=5000\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}$/);
  expect(hashPassword('hunter2', { rounds: 5000, randomBytes })).not.toBe(hash);
});

test('the same random bytes give the same hash', () => {
  const zeros = (size: number) => new Uint8Array(size);
  expect(hashPassword('hunter2', { rounds: 1000, randomBytes: zeros })).toMatch(
    /^\$6\$rounds=1000\$\.{16}\$/,
  );
});

test('the default is slow for whoever guesses', () => {
  expect(defaultRounds).toBe(50_000);
  expect(verifyPassword('hunter2', hashPassword('hunter2', { rounds: defaultRounds, randomBytes }))).toBe(
    true,
  );
});

test('only the password itself verifies, with or without the scheme', () => {
  fc.assert(
    fc.property(passwords, passwords, salts, (password, other, salt) => {
      const hash = hashWithSalt(password, 1000, salt);
      expect(verifyPassword(password, hash)).toBe(true);
      expect(verifyPassword(password, `{SHA512-CRYPT}${hash}`)).toBe(true);
      expect(verifyPassword(other, hash)).toBe(other === password);
    }),
    { numRuns: 15 },
  );
});

test.each([
  ['an empty salt', '$6$$x'],
  ['rounds that are no number', `$6$rounds=abc$salt$${'x'.repeat(86)}`],
  ['another scheme', `$5$salt$${'x'.repeat(43)}`],
  ['half a hash', '$6$salt$abc'],
  ['nothing', ''],
  ['plain text', 'hunter2'],
])('%s is nobody’s hash', (_what, hash) => {
  expect(verifyPassword('hunter2', hash)).toBe(false);
});

test.each(['', 'rounds=abc', 'a'.repeat(17), 'sal t', 'sälz', '$6$salt'])(
  'the salt %j is refused',
  (salt) => {
    expect(() => hashWithSalt('hunter2', 5000, salt)).toThrow('a salt is');
  },
);

test.each([999, 1e9, 5000.5, Number.NaN])('%d rounds are refused', (rounds) => {
  expect(() => hashWithSalt('hunter2', rounds, 'salt')).toThrow('rounds are');
});

test('passwords that nobody could log in with have a problem', () => {
  for (const password of ['', 'a\nb', 'a\u0000', '\ud800', 'é'.repeat(256)]) {
    expect(passwordProblem(password)).toMatch(/^the password /);
    expect(() => hashPassword(password, { rounds: 1000, randomBytes })).toThrow();
  }
  expect(passwordProblem('x'.repeat(longestPassword))).toBe(null);
});

test('the package and node:crypto agree', () => {
  fc.assert(
    fc.property(passwords, salts, fc.integer({ min: 1000, max: 1500 }), (password, salt, rounds) => {
      const bytes = Buffer.from(password);
      const byPackage = sha512crypt(bytes.toString('latin1'), `$6$rounds=${rounds}$${salt}`);
      expect(`$6$rounds=${rounds}$${salt}$${sha512Crypt(bytes, Buffer.from(salt), rounds)}`).toBe(byPackage);
      expect(hashWithSalt(password, rounds, salt)).toBe(byPackage);
    }),
    { numRuns: 25 },
  );
});

describeReal('openssl passwd -6', (debian) => {
  const openssl = async (password: string, settings: string): Promise<string> => {
    const words = ['openssl', 'passwd', '-6', '-stdin', '-salt', settings];
    const { stdout } = await debian.run(words, { stdin: `${password}\n` });
    return stdout.trim();
  };

  test('gives the same hash', async () => {
    await fc.assert(
      fc.asyncProperty(
        passwords,
        salts,
        fc.integer({ min: 1000, max: 9000 }),
        async (password, salt, rounds) => {
          expect(await openssl(password, `rounds=${rounds}$${salt}`)).toBe(
            hashWithSalt(password, rounds, salt),
          );
        },
      ),
      { numRuns: 20 },
    );
  });

  test('gives the same hash without rounds, and with so many that node:crypto makes it here', async () => {
    expect(await openssl('пароль', 'saltsalt')).toBe(hashWithSalt('пароль', null, 'saltsalt'));
    expect(await openssl('пароль', 'rounds=60000$saltsalt')).toBe(hashWithSalt('пароль', 60_000, 'saltsalt'));
  });
});

describeReal('Dovecot 2.4', (debian) => {
  const doveadm = async (...words: string[]): Promise<string> => {
    const { stdout, stderr } = await debian.run(['doveadm', '-O', 'pw', ...words]);
    return `${stdout}${stderr}`.trim();
  };

  test.each(known)('lets %j in', async (password) => {
    const hash = hashPassword(password, { rounds: 5000, randomBytes });
    expect(await doveadm('-t', `{SHA512-CRYPT}${hash}`, '-p', password)).toContain('(verified)');
    expect(await doveadm('-t', `{SHA512-CRYPT}${hash}`, '-p', `${password}x`)).not.toContain('(verified)');
  });

  test('makes hashes that verify here', async () => {
    const hash = await doveadm('-s', 'SHA512-CRYPT', '-r', '6000', '-p', 'пароль');
    expect(verifyPassword('пароль', hash)).toBe(true);
    expect(verifyPassword('парол', hash)).toBe(false);
  });

  test('lets the longest password in, and none that is longer', async () => {
    const verified = async (password: string): Promise<boolean> => {
      const hash = `$6$rounds=5000$salt$${sha512Crypt(Buffer.from(password), Buffer.from('salt'), 5000)}`;
      return (await doveadm('-t', `{SHA512-CRYPT}${hash}`, '-p', password)).includes('(verified)');
    };
    expect(await verified('x'.repeat(longestPassword))).toBe(true);
    expect(await verified('x'.repeat(longestPassword + 1))).toBe(false);
  });
});
