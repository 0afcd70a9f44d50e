import { expect, test } from 'vitest';
import { aWrittenConfig, aWrittenUser } from '../../test/support/a-written-config.ts';
import { faults, messages, resolved } from '../../test/support/resolving.ts';
import { resolve } from './resolve.ts';

test('addresses and domains are compared without case and in their ASCII form', () => {
  const { domains, users, aliases } = resolved({
    domains: { 'Bücher.Example': {} },
    users: { 'BOB@bücher.example': aWrittenUser },
    aliases: {
      'Team@BÜCHER.example': ['Bob@xn--bcher-kva.example', 'Partner@Elsewhere.ORG', 'bob@bücher.example'],
    },
    postmaster: 'bob@bücher.example',
  });

  expect(domains.map(({ name }) => name)).toEqual(['xn--bcher-kva.example']);
  expect(users.map(({ address }) => address)).toEqual([
    { localpart: 'bob', domain: 'xn--bcher-kva.example' },
  ]);
  expect(aliases.at(-1)).toMatchObject({
    address: { localpart: 'team' },
    destinations: [
      { address: { localpart: 'partner', domain: 'elsewhere.org' }, kind: 'external' },
      { address: { localpart: 'bob', domain: 'xn--bcher-kva.example' }, kind: 'user' },
    ],
  });
});

test('two spellings of one address are one address, whichever way they differ', () => {
  expect(
    faults({
      domains: {
        'b\u00fccher.example': {},
        'bu\u0308cher.example': {},
        'EXAMPLE.com': {},
        'example.com': {},
      },
      users: { 'bob@example.com': aWrittenUser, 'Bob@Example.com': aWrittenUser },
      aliases: {
        'bob@b\u00fccher.example': 'bob@example.com',
        'bob@bu\u0308cher.example': 'bob@example.com',
      },
    }),
  ).toEqual([
    'duplicate-address at aliases/bob@bu\u0308cher.example (key)',
    'duplicate-domain at domains/bu\u0308cher.example (key)',
    'duplicate-domain at domains/example.com (key)',
    'duplicate-address at users/Bob@Example.com (key)',
  ]);
});

test('an address is a user or an alias', () => {
  const { diagnostics } = resolve(aWrittenConfig({ aliases: { 'Bob@example.com': 'x@elsewhere.org' } }));

  expect(diagnostics).toMatchObject([
    { code: 'alias-shadows-user', related: [{ position: { file: 'users/bob@example.com (key)' } }] },
  ]);
});

test('what stands before the @ is narrow for addresses of this system, and RFC 5321 elsewhere', () => {
  const at = (localpart: string) => `${localpart}@example.com`;
  const good = ['a', "o'neil", 'x_y-z', 'r&d', 'c#', '~tilde', 'a=b', '1', 'a.b'];
  const bad = [
    '',
    '.a',
    'a.',
    'a..b',
    '-a',
    'a/b',
    'a%b',
    'a!b',
    '"a"',
    'a b',
    'a*b',
    'a|b',
    'a$b',
    'ä',
    '\u212a',
    'x'.repeat(65),
  ];

  expect(faults({ aliases: Object.fromEntries(good.map((name) => [at(name), 'bob@example.com'])) })).toEqual(
    [],
  );
  expect(faults({ aliases: Object.fromEntries(bad.map((name) => [at(name), 'bob@example.com'])) })).toEqual(
    bad.map((name) => `address-malformed at aliases/${at(name)} (key)`).sort(),
  );
  expect(faults({ aliases: { 'a@example.com': ['a/b%c!d*e|f$g@elsewhere.org'] } })).toEqual([]);
  expect(faults({ aliases: { 'a@example.com': ['a"b@elsewhere.org', 'a..b@elsewhere.org'] } })).toHaveLength(
    2,
  );
});

test('a domain name has a dot, no number at its end, and nothing invisible', () => {
  const names = [
    'localhost',
    '127.0.0.1',
    '0x7f.1',
    'a b.com',
    'exa\u00admple.com',
    '\u202eexample.com',
    'example.com.',
    '-a.com',
    'a..com',
    'exam_ple.com',
    'xn--a.com',
    `${'a'.repeat(64)}.com`,
    `${'a.'.repeat(130)}com`,
  ];

  expect(
    faults({ domains: Object.fromEntries(['example.com', ...names].map((name) => [name, {}])) }),
  ).toEqual(names.map((name) => `domain-malformed at domains/${name} (key)`).sort());
});

test('an address at an unknown domain, or in an alias domain, is an error', () => {
  expect(
    messages({
      domains: { 'example.com': {}, 'example.net': { alias_of: 'example.com' } },
      users: { 'bob@example.com': aWrittenUser, 'ann@exmaple.com': aWrittenUser },
      aliases: { 'team@example.net': 'bob@example.com' },
    }),
  ).toEqual([
    'alias "team@example.net" is at alias domain "example.net", which has the users and aliases of "example.com"',
    'user "ann@exmaple.com" is at domain "exmaple.com", which is not under "domains"',
  ]);
});

test('destinations are users, aliases, a catch-all or elsewhere; nobody is an error with the near word', () => {
  const { aliases } = resolved({
    domains: {
      'example.com': {},
      'all.example': { catch_all: 'bob@example.com' },
      'net.example': { alias_of: 'example.com' },
    },
    aliases: {
      'x@example.com': [
        'bob@net.example',
        'bob+lists@example.com',
        'y@example.com',
        'z@all.example',
        'a@b.example',
      ],
      'y@example.com': 'bob@example.com',
    },
  });
  const { diagnostics } = resolve(aWrittenConfig({ aliases: { 'x@example.com': ['bbo@example.com'] } }));

  expect(
    aliases.find(({ address }) => address.localpart === 'x')?.destinations.map(({ kind }) => kind),
  ).toEqual(['catch-all', 'external', 'user', 'alias', 'user']);
  expect(diagnostics).toMatchObject([
    {
      code: 'destination-unknown',
      hint: 'did you mean "bob@example.com"?',
      position: { file: 'aliases/x@example.com/0' },
    },
  ]);
});
