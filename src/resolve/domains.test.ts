import { expect, test } from 'vitest';
import { type aWrittenConfig, aWrittenUser } from '../../test/support/a-written-config.ts';
import { faults, resolved } from '../../test/support/resolving.ts';

test('alias domains stand for one real domain and have no settings of their own', () => {
  const domains = {
    'example.com': {},
    'self.example': { alias_of: 'self.example' },
    'chain.example': { alias_of: 'net.example' },
    'net.example': { alias_of: 'example.com', catch_all: 'bob@example.com', quota: '1GB' },
    'lost.example': { alias_of: 'exampel.com' },
  };

  expect(faults({ domains })).toEqual([
    'alias-domain-chain at domains/chain.example/alias_of',
    'unknown-domain at domains/lost.example/alias_of',
    'alias-domain-setting at domains/net.example/catch_all (key)',
    'alias-domain-setting at domains/net.example/quota (key)',
    'alias-domain-chain at domains/self.example/alias_of',
  ]);
});

test('a catch-all leads to users and aliases, not to what only a catch-all takes', () => {
  const domains = {
    'example.com': { catch_all: ['bob@example.com', 'typo@example.com', 'x@elsewhere.org'] },
  };

  expect(faults({ domains })).toEqual([
    'destination-unknown at domains/example.com/catch_all/1',
    'catch-all-external at domains/example.com/catch_all/2',
  ]);
});

test('postmaster@ and abuse@ lead to the postmaster of the domain, the general one, or the catch-all', () => {
  const leads = (differences: Parameters<typeof aWrittenConfig>[0]) =>
    resolved(differences).aliases.map(
      ({ address, destinations }) =>
        `${address.localpart}: ${destinations.map((to) => to.address.localpart)}`,
    );
  const users = {
    'ann@example.com': aWrittenUser,
    'bob@example.com': aWrittenUser,
    'cat@example.com': aWrittenUser,
  };
  const domains = { 'example.com': { postmaster: 'ann@example.com', catch_all: 'cat@example.com' } };
  const catchAll = { 'example.com': { catch_all: ['cat@example.com', 'bob@example.com'] } };

  expect(leads({ users, domains })).toEqual(['abuse: ann', 'postmaster: ann']);
  expect(leads({ users, domains: catchAll })).toEqual(['abuse: bob', 'postmaster: bob']);
  expect(leads({ users, domains: catchAll, postmaster: undefined })).toEqual([
    'abuse: bob,cat',
    'postmaster: bob,cat',
  ]);
  expect(
    leads({
      aliases: { 'abuse@example.com': 'bob@example.com' },
      users: { ...users, 'postmaster@example.com': aWrittenUser },
    }),
  ).toEqual(['abuse: bob']);
  expect(faults({ postmaster: undefined })).toEqual(['postmaster-missing at domains/example.com (key)']);
});

test('the domain of rewritten senders does not depend on the order of the file', () => {
  const domains = { 'b.example': {}, 'example.com': {}, 'a.example': { alias_of: 'b.example' } };

  expect(resolved({ domains }).mail.srsDomain).toBe('b.example');
  expect(resolved({ domains, mail: { srs_domain: 'A.example' } }).mail.srsDomain).toBe('a.example');
  expect(faults({ domains, mail: { srs_domain: 'c.example' } })).toEqual([
    'unknown-domain at mail/srs_domain',
  ]);
  expect(faults({ domains: {}, users: {}, postmaster: undefined })).toEqual([
    'domain-missing at domains (key)',
  ]);
});
