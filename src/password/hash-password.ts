/** Password hashes as Dovecot and the C library read them (crypt(5), SHA512-CRYPT), and nothing malformed. */
import { timingSafeEqual } from 'node:crypto';
import { sha512crypt } from 'sha512crypt-node';
import { sha512Crypt } from './sha512-crypt.ts';

/**
 * What a login costs the server: about 15 ms of one core, ten times the 5,000 rounds of crypt(5), and so does
 * each guess of whoever steals the hashes. 656,000 rounds cost about 0.2 s, which a busy IMAP server feels,
 * as every connection logs in.
 */
export const defaultRounds = 50_000;

/** From here on the package would take seconds, and node:crypto gives the same in a quarter of the time. */
const mostRoundsOfPackage = 50_000;

/** crypt(3) of Debian refuses longer ones (CRYPT_MAX_PASSPHRASE_SIZE with its NUL), in bytes of UTF-8. */
export const longestPassword = 511;

export interface HashOptions {
  /** 1,000 to 999,999,999. */
  readonly rounds: number;
  /** Gives as many random bytes as asked for, as `node:crypto` does. */
  readonly randomBytes: (size: number) => Uint8Array;
}

/** Why nobody could log in with this password; null where it is one. */
export function passwordProblem(password: string): string | null {
  if (password === '') return 'the password is empty';
  if (/[\u0000-\u001f\u007f]/.test(password))
    return 'the password has a control character, which no mail client sends';
  if (!password.isWellFormed()) return 'the password is not well-formed Unicode';
  if (Buffer.byteLength(password) > longestPassword) {
    return `the password has more than ${longestPassword} bytes, which crypt(3) refuses`;
  }
  return null;
}

/** `$6$rounds=50000$SALT$HASH`, for `password:` in mail.yaml. Throws for a password that has a problem. */
export function hashPassword(password: string, { rounds, randomBytes }: HashOptions): string {
  return hashWithSalt(password, rounds, saltFrom(randomBytes(16)));
}

/** Whether `password` is the one behind `hash`, with or without `{SHA512-CRYPT}`. A malformed hash has none. */
export function verifyPassword(password: string, hash: string): boolean {
  const match = hashForm.exec(hash);
  if (match === null || passwordProblem(password) !== null) return false;
  const [, settings = '', rounds, salt = ''] = match;
  const expected = hash.slice(hash.indexOf(settings));
  const found = hashWithSalt(password, rounds === undefined ? null : Number(rounds), salt);
  return found.length === expected.length && timingSafeEqual(Buffer.from(found), Buffer.from(expected));
}

const hashForm =
  /^(?:\{SHA512-CRYPT\})?(\$6\$(?:rounds=([1-9][0-9]{3,8})\$)?([./0-9A-Za-z]{1,16})\$)[./0-9A-Za-z]{86}$/;

/** `rounds` null leaves them unsaid: 5,000. The salt is 1 to 16 characters of crypt(5)'s alphabet. */
export function hashWithSalt(password: string, rounds: number | null, salt: string): string {
  const problem = passwordProblem(password);
  if (problem !== null) throw new Error(problem);
  // The package takes "rounds=abc" for a salt, and writes a hash without one when it is empty.
  if (!/^[./0-9A-Za-z]{1,16}$/.test(salt)) throw new Error('a salt is 1 to 16 of ./0-9A-Za-z');
  if (rounds !== null && !(Number.isInteger(rounds) && rounds >= 1_000 && rounds <= 999_999_999)) {
    throw new Error('rounds are a whole number from 1000 to 999999999');
  }
  const settings = rounds === null ? `$6$${salt}` : `$6$rounds=${rounds}$${salt}`;
  const bytes = Buffer.from(password, 'utf8');
  // The package hashes the low byte of each character: in Latin-1, these are the bytes of the UTF-8 form.
  if ((rounds ?? 5_000) <= mostRoundsOfPackage) return sha512crypt(bytes.toString('latin1'), settings);
  return `${settings}$${sha512Crypt(bytes, Buffer.from(salt, 'latin1'), rounds ?? 5_000)}`;
}

/** Six bits of each byte, so that every character is as likely as any other. */
function saltFrom(bytes: Uint8Array): string {
  const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  return Array.from(bytes, (byte) => alphabet[byte & 63]).join('');
}
