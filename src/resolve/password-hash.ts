/** Judges a password hash by its form: which scheme, is the scheme strong, is the hash slow enough to guess. */
import { suggest } from '../diagnostics/suggest.ts';

export type JudgedPassword =
  | {
      readonly verdict: 'accepted';
      /** With its scheme in front, in upper case, as Dovecot reads it: `{SHA512-CRYPT}$6$…`. */
      readonly hash: string;
      /** What makes guessing too cheap, such as `5000 rounds where 20000 are the least`; null if nothing. */
      readonly cheap: string | null;
    }
  | { readonly verdict: 'clear-text' }
  /** `near` is the strong scheme that was probably meant. */
  | { readonly verdict: 'unknown-scheme'; readonly near: string | null }
  | { readonly verdict: 'scheme-missing' | 'weak-scheme' | 'malformed'; readonly scheme: string };

/** A scheme of Dovecot 2.4 that is salted and not known as broken. */
interface Scheme {
  readonly form: RegExp;
  readonly cheap: (match: RegExpExecArray) => string | null;
}

const base64 = '[A-Za-z0-9+/]';
const crypt64 = '[A-Za-z0-9./]';

const strong: ReadonlyMap<string, Scheme> = new Map([
  ['SHA512-CRYPT', shaCrypt(6, 86)],
  ['SHA256-CRYPT', shaCrypt(5, 43)],
  [
    'BLF-CRYPT',
    {
      form: new RegExp(`^\\$2[aby]\\$(0[4-9]|[12]\\d|3[01])\\$${crypt64}{53}$`),
      cheap: ([, cost]) => (Number(cost) < 10 ? `cost ${Number(cost)} where 10 is the least` : null),
    },
  ],
  ['ARGON2ID', argon2('argon2id')],
  ['ARGON2I', argon2('argon2i')],
  [
    'PBKDF2',
    {
      form: new RegExp(`^\\$1\\$${crypt64}{8,64}\\$([1-9]\\d{0,8})\\$[0-9a-f]{40}$`),
      cheap: ([, rounds]) => fewRounds(Number(rounds), 600_000),
    },
  ],
  [
    'SCRAM-SHA-256',
    {
      form: new RegExp(`^([1-9]\\d{3,8}),${base64}{8,128}={0,2},${base64}{43}=,${base64}{43}=$`),
      cheap: ([, rounds]) => fewRounds(Number(rounds), 600_000),
    },
  ],
  // The digest and at least four bytes of salt in base64: one round of a hash that was made to be fast.
  ['SSHA256', { form: new RegExp(`^${base64}{47,128}={0,2}$`), cheap: () => fewRounds(1, 20_000) }],
  ['SSHA512', { form: new RegExp(`^${base64}{90,172}={0,2}$`), cheap: () => fewRounds(1, 20_000) }],
]);

export const strongSchemes: readonly string[] = [...strong.keys()];

/** The other schemes of `doveadm pw -l`: broken, unsalted, or of use only beside a password in clear. */
const weakSchemes: ReadonlySet<string> = new Set([
  ...['CRAM-MD5', 'DES-CRYPT', 'DIGEST-MD5', 'HMAC-MD5', 'LANMAN', 'LDAP-MD5', 'MD5', 'MD5-CRYPT', 'NTLM'],
  ...[
    'OTP',
    'PLAIN-MD4',
    'PLAIN-MD5',
    'RPA',
    'SCRAM-SHA-1',
    'SHA',
    'SHA1',
    'SHA256',
    'SHA512',
    'SMD5',
    'SSHA',
  ],
]);

const clearTextSchemes: ReadonlySet<string> = new Set(['CLEAR', 'CLEARTEXT', 'PLAIN', 'PLAIN-TRUNC']);

/** What the prefixes of crypt(5) stand for. */
const prefixes: readonly (readonly [RegExp, string])[] = [
  [/^\$6\$/, 'SHA512-CRYPT'],
  [/^\$5\$/, 'SHA256-CRYPT'],
  [/^\$2[aby]\$/, 'BLF-CRYPT'],
  [/^\$argon2id\$/, 'ARGON2ID'],
  [/^\$argon2i\$/, 'ARGON2I'],
  [/^\$1\$/, 'MD5-CRYPT'],
];

/** No verdict carries a character of a value that might be a password: a scheme is named only if it is known. */
export function judgePassword(text: string): JudgedPassword {
  const named = /^\{([^{}]*)\}/.exec(text);
  const implied = prefixes.find(([prefix]) => prefix.test(text.slice(named?.[0].length ?? 0)))?.[1];
  if (named === null) {
    if (implied === undefined) return { verdict: 'clear-text' };
    if (weakSchemes.has(implied)) return { verdict: 'weak-scheme', scheme: implied };
    return implied === 'SHA512-CRYPT'
      ? judgeHash(implied, text)
      : { verdict: 'scheme-missing', scheme: implied };
  }
  const name = named[1]?.toUpperCase() ?? '';
  // Two names leave the choice to the hash itself; without a prefix crypt(3) means DES.
  const open: Readonly<Record<string, string>> = { ARGON2: 'ARGON2ID', CRYPT: 'DES-CRYPT' };
  const otherwise = open[name];
  const scheme = otherwise === undefined ? name : (implied ?? otherwise);
  if (clearTextSchemes.has(scheme)) return { verdict: 'clear-text' };
  if (weakSchemes.has(scheme)) return { verdict: 'weak-scheme', scheme };
  return judgeHash(scheme, text.slice(named[0].length));
}

function judgeHash(name: string, hash: string): JudgedPassword {
  const scheme = strong.get(name);
  if (scheme === undefined) return { verdict: 'unknown-scheme', near: suggest(name, strongSchemes) };
  const match = scheme.form.exec(hash);
  if (match === null) return { verdict: 'malformed', scheme: name };
  return { verdict: 'accepted', hash: `{${name}}${hash}`, cheap: scheme.cheap(match) };
}

/** Without `rounds=`, crypt(3) takes 5000. */
function shaCrypt(id: number, digestLength: number): Scheme {
  return {
    form: new RegExp(
      `^\\$${id}\\$(?:rounds=([1-9]\\d{3,8})\\$)?${crypt64}{1,16}\\$${crypt64}{${digestLength}}$`,
    ),
    cheap: ([, rounds]) => fewRounds(Number(rounds ?? 5000), 20_000),
  };
}

/** The least is OWASP's: 19 MiB twice over, or the same amount of work otherwise. */
function argon2(id: string): Scheme {
  return {
    form: new RegExp(
      `^\\$${id}\\$v=19\\$m=([1-9]\\d{0,6}),t=([1-9]\\d{0,2}),p=[1-9]\\d?\\$${base64}{11,64}\\$${base64}{22,86}$`,
    ),
    cheap: ([, memory, times]) =>
      Number(memory) * Number(times) < 2 * 19 * 1024
        ? `m=${memory},t=${times} where m=19456,t=2 is the least`
        : null,
  };
}

function fewRounds(rounds: number, least: number): string | null {
  return rounds < least
    ? `${rounds === 1 ? 'one round' : `${rounds} rounds`} where ${least} are the least`
    : null;
}
