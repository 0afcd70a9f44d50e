import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aWrittenConfig, aWrittenUser, positionOf } from '../../test/support/a-written-config.ts';
import { check } from '../check/check.ts';
import type { MailYaml } from '../model/mail-yaml.generated.ts';
import { resolve } from './resolve.ts';

const domains = ['b.example', 'a.example', 'net.example', 'c.example'];
const at = (names: readonly string[]) =>
  names.flatMap((name) => domains.map((domain) => `${name}@${domain}`));
const [people, groups] = [at(['bob', 'Ann']), at(['info', 'Team'])];
const somebody = 'bob@a.example';

/** Each domain has a catch-all, so that nearly all of them are valid whatever points where. */
const configs: fc.Arbitrary<MailYaml> = fc
  .record({
    domains: fc.uniqueArray(fc.constantFrom(...domains), { minLength: 3 }),
    catchAll: fc.constantFrom([somebody], ['x@elsewhere.org', somebody]),
    quotas: fc.uniqueArray(fc.constantFrom(...domains)),
    users: fc.uniqueArray(fc.constantFrom(...people)),
    sendAs: fc.subarray([...people, ...groups]),
    aliases: fc.dictionary(
      fc.constantFrom(...groups),
      fc.uniqueArray(fc.constantFrom(...people, ...groups, 'x@elsewhere.org'), {
        minLength: 1,
        maxLength: 3,
      }),
    ),
  })
  .map(({ domains, catchAll, quotas, users, sendAs, aliases }) => {
    const everyone = [...new Set([...users, somebody])];
    const { config } = aWrittenConfig({
      domains: Object.fromEntries(
        domains.map((name) => [
          name,
          { catch_all: catchAll, ...(quotas.includes(name) ? { quota: '1GB' } : {}) },
        ]),
      ),
      users: Object.fromEntries(
        everyone.map((user, index) => [
          user,
          index === 0 ? { ...aWrittenUser, send_as: sendAs } : aWrittenUser,
        ]),
      ),
      aliases,
      postmaster: somebody,
    });
    return config;
  });

/** The same maps with their keys in another order, at every depth; lists keep theirs. */
function reordered<T>(value: T, seed: number): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => reordered(item, seed)) as T;
  const entries = Object.entries(value).map(([key, item]) => [key, reordered(item, seed)] as const);
  const turned = entries.map((_, index) => entries[(index + seed) % entries.length] ?? ['', null]);
  return Object.fromEntries(seed % 2 === 0 ? turned : turned.reverse()) as T;
}

test('the order of keys in mail.yaml does not matter', () => {
  let valid = 0;
  fc.assert(
    fc.property(configs, fc.nat(20), (config, seed) => {
      const inOrder = resolve({ config, positionOf });
      const turned = resolve({ config: reordered(config, seed), positionOf });

      expect(turned.value).toEqual(inOrder.value);
      expect(turned.diagnostics.length).toBe(inOrder.diagnostics.length);
      if (inOrder.value !== null) valid += 1;
    }),
    { numRuns: 300 },
  );
  expect(valid).toBeGreaterThan(20);
});

const nasty = fc.oneof(
  fc.constantFrom(
    '\u0000',
    '\n',
    '\u202e',
    '$x',
    '%{user}',
    "'",
    '"',
    '\\',
    '`id`',
    '{',
    '../..',
    '@',
    'a@@b',
    '__proto__',
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constant('x'.repeat(10_000)),
  fc.constant(`bob@${'a.'.repeat(5000)}com`),
);
const inAddress = nasty.chain((text) =>
  fc.constantFrom(text, `${text}@example.com`, `bob@${text}`, `bob${text}@example.com`),
);

/** Each puts a string into one field that the schema leaves open. */
const places: readonly ((text: string) => Partial<MailYaml>)[] = [
  (text) => ({ hosts: { [text]: { addresses: ['203.0.113.10'] } } }),
  (text) => ({ hosts: { 'mail.example.com': { addresses: [text], data: `/${text}` } } }),
  (text) => ({ hosts: { 'mail.example.com': { addresses: ['203.0.113.10'], tls: { letsencrypt: text } } } }),
  (text) => ({
    hosts: {
      'mail.example.com': { addresses: ['203.0.113.10'], tls: { certificate: `/${text}`, key: text } },
    },
  }),
  (text) => ({ domains: { 'example.com': {}, [text]: {} } }),
  (text) => ({
    domains: { 'example.com': { catch_all: text, postmaster: text, dmarc: { report_to: text } } },
  }),
  (text) => ({ domains: { 'example.com': {}, 'example.net': { alias_of: text } } }),
  (text) => ({ users: { [text]: aWrittenUser } }),
  (text) => ({ users: { 'bob@example.com': { password: text, send_as: [text], moved_from: text } } }),
  (text) => ({ aliases: { [text]: text, 'x@example.com': [text, 'bob@example.com'] } }),
  (text) => ({ postmaster: text, mail: { srs_domain: text } }),
  (text) => ({ postscreen: { dnsbl: [{ domain: text, reply: '127.0.0.1' }] }, dns: { caa: [text] } }),
  (text) => ({ relay: { host: text, username: text, password: { file: `/${text}` }, spf_include: text } }),
  (text) => ({ network: { subnet: text, subnet6: text }, checks: { disable: [text] } }),
];

test('no string in any field makes an exception, an unprintable message, or an unprintable system', () => {
  fc.assert(
    fc.property(fc.oneof(nasty, inAddress), fc.constantFrom(...places), (text, place) => {
      const { value, diagnostics } = resolve(aWrittenConfig(place(text)));
      const judged = value === null ? [] : check(value).diagnostics;

      for (const { message, hint } of [...diagnostics, ...judged]) {
        expect(`${message}${hint ?? ''}`).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(message.length).toBeLessThan(1000);
      }
      if (value !== null) {
        const { hosts, ...rest } = value;
        const strings = JSON.stringify([rest, hosts.map(({ source: _, ...host }) => host)], (key, item) =>
          key === 'source' ? null : item,
        );
        expect(strings).not.toMatch(/\\[^"\\]|[^\x20-\x7e]/);
      }
    }),
    { numRuns: 2000 },
  );
});

test('nothing of a refused password is ever repeated', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('', '{PLAIN}', '{MD5}', '{SHA512-CRYPT}', '{', '$6$', '$1$', '{X}'),
      fc.stringMatching(/^[a-z]{12}$/),
      (prefix, secret) => {
        const users = { 'bob@example.com': { password: `${prefix}${secret}` } };
        const { diagnostics } = resolve(aWrittenConfig({ users }));

        expect(diagnostics).toHaveLength(1);
        expect(diagnostics[0]).toMatchObject({ severity: 'error', concealed: true });
        expect(JSON.stringify(diagnostics)).not.toContain(secret);
      },
    ),
  );
});
