import { expect, test } from 'vitest';
import type { Resource } from '../model/plan.ts';
import { diff } from './diff.ts';
import { aDomain, anAlias, aState, aUser, mailYaml, noOptions } from './example-state.ts';

const sentences = (live: readonly Resource[], desired: readonly Resource[], options: object = {}) =>
  diff(aState(desired), aState(live), { ...noOptions, ...options }).consequences.map((one) => one.message);

const refuse = { disabledUsers: 'refuse', recipientDelimiter: '+' } as const;
const a = aDomain('a.org');
const bob = aUser('bob@a.org');
const amy = aUser('amy@a.org');

// Addresses

test('an alias that goes bounces', () => {
  expect(sentences([a, bob, anAlias('info@a.org', ['bob@a.org'])], [a, bob])).toEqual([
    'info@a.org will bounce (was delivered to bob@a.org)',
  ]);
});

test('where a catch-all takes over, mail goes on to it', () => {
  const caught = aDomain('a.org', { catchAll: ['amy@a.org'] });
  expect(sentences([caught, bob, amy, anAlias('info@a.org', ['bob@a.org'])], [caught, bob, amy])).toEqual([
    'info@a.org will be delivered to amy@a.org instead of bob@a.org',
  ]);
});

test('a user that goes takes along the aliases that lead only there', () => {
  const aliases = [anAlias('info@a.org', ['bob@a.org']), anAlias('all@a.org', ['amy@a.org', 'bob@a.org'])];
  expect(sentences([a, bob, amy, ...aliases], [a, amy, ...aliases])).toEqual([
    'all@a.org will no longer be delivered to bob@a.org',
    'bob@a.org will bounce (was a user)',
    'info@a.org will bounce (was delivered to bob@a.org)',
  ]);
});

test('a destination outside is called so', () => {
  const live = [a, bob, anAlias('info@a.org', ['bob@a.org'])];
  const desired = [
    a,
    bob,
    anAlias('info@a.org', ['bob@a.org', 'partner@elsewhere.org'], { source: mailYaml(9) }),
  ];
  expect(diff(aState(desired), aState(live), noOptions).consequences).toMatchObject([
    { kind: 'loses-send-as', message: 'bob@a.org may no longer send as info@a.org' },
    {
      kind: 'reroutes',
      address: 'info@a.org',
      message: 'info@a.org will also be delivered to partner@elsewhere.org (elsewhere)',
      source: { line: 9 },
    },
  ]);
});

test('an alias of an alias follows it', () => {
  const chain = anAlias('sales@a.org', ['info@a.org']);
  expect(
    sentences(
      [a, bob, amy, chain, anAlias('info@a.org', ['bob@a.org'])],
      [a, bob, amy, chain, anAlias('info@a.org', ['amy@a.org'])],
    ),
  ).toContain('sales@a.org will be delivered to amy@a.org instead of bob@a.org');
});

test('many destinations are counted after the third', () => {
  const users = ['u1@a.org', 'u2@a.org', 'u3@a.org', 'u4@a.org', 'u5@a.org'];
  const live = [a, ...users.map((user) => aUser(user)), anAlias('all@a.org', users)];
  expect(sentences(live, live.slice(0, -1))).toEqual([
    'all@a.org will bounce (was delivered to u1@a.org, u2@a.org, u3@a.org and 2 more)',
  ]);
});

test('an address whose dead end comes alive is delivered again', () => {
  const info = anAlias('info@a.org', ['bob@a.org']);
  expect(sentences([a, info], [a, info, bob])).toContain(
    'info@a.org will be delivered to bob@a.org (bounced before)',
  );
});

test('a new address says nothing of itself', () => {
  expect(sentences([a, bob], [a, bob, amy, anAlias('team@a.org', ['amy@a.org', 'bob@a.org'])])).toEqual([]);
});

test('a new address that a catch-all had is another route', () => {
  const caught = aDomain('a.org', { catchAll: ['bob@a.org'] });
  expect(sentences([caught, bob], [caught, bob, amy])).toEqual([
    'amy@a.org will be delivered to amy@a.org instead of bob@a.org',
  ]);
});

test('a mailbox that moves is the same mailbox, and its old address bounces', () => {
  const live = [a, aUser('robert@a.org'), anAlias('info@a.org', ['robert@a.org'])];
  const desired = [
    a,
    aUser('bob@a.org', { movedFrom: 'robert@a.org' }),
    anAlias('info@a.org', ['bob@a.org']),
  ];
  expect(sentences(live, desired)).toEqual(['robert@a.org will bounce (its mailbox moves to bob@a.org)']);
});

test('an old address that stays as an alias is no news', () => {
  const live = [a, aUser('robert@a.org')];
  const desired = [
    a,
    aUser('bob@a.org', { movedFrom: 'robert@a.org' }),
    anAlias('robert@a.org', ['bob@a.org']),
  ];
  expect(sentences(live, desired)).toEqual([]);
});

test('a cycle of aliases in a live database leads nowhere and is followed once', () => {
  const cycle = [anAlias('x@a.org', ['y@a.org']), anAlias('y@a.org', ['x@a.org', 'bob@a.org'])];
  expect(sentences([a, bob, ...cycle], [a, bob])).toEqual([
    'x@a.org will bounce (was delivered to bob@a.org)',
    'y@a.org will bounce (was delivered to bob@a.org)',
  ]);
});

test('a chain of twenty thousand aliases is followed without recursion', () => {
  const chain = Array.from({ length: 20_000 }, (_, index) =>
    anAlias(`x${index}@a.org`, [`x${index + 1}@a.org`]),
  );
  const end = anAlias('x20000@a.org', ['bob@a.org']);
  expect(sentences([a, bob, ...chain, end], [a, bob, ...chain])).toHaveLength(20_001);
});

test('a detail belongs to the address before it', () => {
  const lists = anAlias('lists@a.org', ['bob+lists@a.org']);
  expect(sentences([a, bob, lists], [a, lists, amy])).toContain(
    'lists@a.org will bounce (was delivered to bob@a.org)',
  );
  expect(sentences([a, bob], [a, bob, lists])).toEqual([]);
});

// Domains

test('a domain that goes is one sentence, not one an address', () => {
  const old = [aDomain('old.example'), aUser('x@old.example'), aUser('y@old.example')];
  expect(sentences([a, bob, ...old], [a, bob])).toEqual([
    'every address of old.example will bounce: the domain is no longer hosted here',
  ]);
});

test('a catch-all that comes, changes and goes', () => {
  const caughtBy = (...catchAll: string[]) => [aDomain('a.org', { catchAll }), bob, amy];
  expect(sentences(caughtBy(), caughtBy('bob@a.org'))).toEqual([
    'mail to unknown addresses of a.org will be delivered to bob@a.org (bounced before)',
  ]);
  expect(sentences(caughtBy('bob@a.org'), caughtBy('amy@a.org'))).toEqual([
    'mail to unknown addresses of a.org will be delivered to amy@a.org instead of bob@a.org',
  ]);
  expect(sentences(caughtBy('bob@a.org'), caughtBy())).toEqual([
    'mail to unknown addresses of a.org will bounce (was delivered to bob@a.org)',
  ]);
});

test('a domain that becomes an alias domain', () => {
  const live = [a, bob, aDomain('b.org'), aUser('bob@b.org'), aUser('zoe@b.org')];
  expect(sentences(live, [a, bob, aDomain('b.org', { aliasOf: 'a.org' })])).toEqual([
    'mail to any address of b.org will go to the same address of a.org',
    'bob@b.org will be delivered to bob@a.org instead of bob@b.org',
    'zoe@b.org will bounce (was a user)',
  ]);
});

test('an alias domain follows without a sentence of its own', () => {
  const twin = aDomain('b.org', { aliasOf: 'a.org' });
  expect(sentences([a, twin, bob, amy], [a, twin, bob])).toEqual(['amy@a.org will bounce (was a user)']);
});

// Rights

test('send_as and an alias with one destination let a user send as another', () => {
  const live = [a, bob, amy];
  const carol = aUser('amy@a.org', { sendAs: ['ceo@a.org'] });
  expect(sentences(live, [a, bob, carol, anAlias('press@a.org', ['bob@a.org'])])).toEqual([
    'amy@a.org may now send as ceo@a.org',
    'bob@a.org may now send as press@a.org',
  ]);
  expect(
    sentences(
      [a, bob, carol, anAlias('ceo@a.org', ['amy@a.org', 'bob@a.org'])],
      [...live, anAlias('ceo@a.org', ['amy@a.org', 'bob@a.org'])],
    ),
  ).toEqual(['amy@a.org may no longer send as ceo@a.org']);
});

test('a destination in an alias domain is its user', () => {
  const twin = aDomain('b.org', { aliasOf: 'a.org' });
  expect(sentences([a, twin, bob], [a, twin, bob, anAlias('press@a.org', ['bob@b.org'])])).toEqual([
    'bob@a.org may now send as press@a.org',
  ]);
});

test('a user who moves keeps what it had', () => {
  const live = [a, aUser('robert@a.org', { sendAs: ['ceo@a.org'] })];
  const desired = [a, aUser('bob@a.org', { movedFrom: 'robert@a.org', sendAs: ['ceo@a.org'] })];
  expect(sentences(live, desired)).toEqual(['robert@a.org will bounce (its mailbox moves to bob@a.org)']);
});

test('in a domain that is new nothing is news', () => {
  const desired = [a, aUser('bob@a.org', { sendAs: ['ceo@a.org'] }), anAlias('info@a.org', ['bob@a.org'])];
  expect(sentences([], desired)).toEqual([]);
});

// Logins

test('a disabled user can no longer log in; whether mail bounces is a setting', () => {
  const disabled = aUser('bob@a.org', { enabled: false });
  expect(sentences([a, bob], [a, disabled])).toEqual(['bob@a.org can no longer log in']);
  expect(sentences([a, disabled], [a, bob])).toEqual(['bob@a.org can log in again']);
  const refusing = { mail: { live: refuse, desired: refuse } };
  expect(sentences([a, bob], [a, disabled], refusing)).toEqual([
    'bob@a.org will bounce (the user is disabled)',
    'bob@a.org can no longer log in',
  ]);
});

test('the setting alone changes what happens to mail', () => {
  const disabled = aUser('bob@a.org', { enabled: false });
  const options = { mail: { live: noOptions.mail.live, desired: refuse } };
  expect(sentences([a, disabled], [a, disabled], options)).toEqual([
    'bob@a.org will bounce (the user is disabled)',
  ]);
});
