import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aMailSystem, anAddress, type Differences } from '../../test/support/a-mail-system.ts';
import { formatAddress } from '../model/address.ts';
import type { MailSystem } from '../model/mail-system.ts';
import type { Resource } from '../model/plan.ts';
import { routerOf } from '../render/route.ts';
import { rowsOf } from '../render/rows.ts';
import { senderAddresses } from '../render/sender-addresses.ts';
import { aDomain, anAlias, aState, aUser } from './example-state.ts';
import { mailFlow } from './mail-flow.ts';
import { rowsOfState } from './rows-of-state.ts';

const flow = (resources: readonly Resource[], disabledUsers: 'accept' | 'refuse' = 'accept') =>
  mailFlow(rowsOfState(aState(resources)), { disabledUsers, recipientDelimiter: '+' });

const example = [
  aDomain('a.org', { catchAll: ['amy@a.org'] }),
  aDomain('b.org', { aliasOf: 'a.org' }),
  aDomain('c.org'),
  aUser('amy@a.org'),
  aUser('bob@a.org', { enabled: false, sendAs: ['sales@a.org'] }),
  anAlias('team@a.org', ['amy@a.org', 'bob@b.org', 'out@elsewhere.org']),
  anAlias('info@c.org', ['team@a.org']),
  anAlias('dead@c.org', ['nobody@c.org']),
];

test.each([
  ['a user', 'amy@a.org', ['amy@a.org']],
  ['an alias to users and outside', 'team@a.org', ['amy@a.org', 'bob@a.org', 'out@elsewhere.org']],
  ['an alias of an alias in another domain', 'info@c.org', ['amy@a.org', 'bob@a.org', 'out@elsewhere.org']],
  ['the same localpart in an alias domain', 'team@b.org', ['amy@a.org', 'bob@a.org', 'out@elsewhere.org']],
  ['an unknown localpart with a catch-all', 'who@a.org', ['amy@a.org']],
  ['an unknown localpart of an alias domain', 'who@b.org', ['amy@a.org']],
  ['an unknown localpart', 'who@c.org', []],
  ['a user with a detail', 'bob+news@a.org', ['bob@a.org']],
  ['an alias to nobody', 'dead@c.org', []],
  ['an address elsewhere', 'x@elsewhere.org', ['x@elsewhere.org']],
])('%s', (_what, address, ends) => {
  expect(flow(example).route(address)).toEqual(ends);
});

test('mail that disabled users alone would get is refused where that is the setting', () => {
  expect(flow(example, 'refuse').route('bob@a.org')).toEqual([]);
  expect(flow(example, 'refuse').route('team@a.org')).toEqual(flow(example).route('team@a.org'));
});

test('a user may send as itself, as what send_as lists and as an alias of its own', () => {
  const senders = flow([...example, anAlias('press@c.org', ['bob@b.org'])]).senders();
  expect([...(senders.get('bob@a.org') ?? [])]).toEqual(['bob@a.org', 'sales@a.org', 'press@c.org']);
});

// The same questions, asked of the rows and of the mail system that they were made from.

const addresses = ['amy', 'bob', 'eve', 'team', 'info'].flatMap((name) => [`${name}@a.org`, `${name}@c.org`]);
const asked = [
  ...addresses,
  ...addresses.map((one) => one.replace('a.org', 'b.org')),
  'who@a.org',
  'who@c.org',
];
const systems = fc
  .record({
    users: fc.uniqueArray(fc.constantFrom(...addresses), { minLength: 1, maxLength: 5 }),
    aliases: fc.dictionary(
      fc.constantFrom(...addresses),
      fc.uniqueArray(fc.constantFrom(...asked, 'bob+x@a.org', 'out@elsewhere.org'), {
        minLength: 1,
        maxLength: 3,
      }),
    ),
    catchAll: fc.option(fc.constantFrom(...asked, 'out@elsewhere.org')),
    sendAs: fc.uniqueArray(fc.constantFrom(...addresses), { maxLength: 3 }),
    enabled: fc.boolean(),
    disabledUsers: fc.constantFrom('accept' as const, 'refuse' as const),
    recipientDelimiter: fc.constantFrom('+', null),
  })
  .map(({ users, aliases, catchAll, sendAs, enabled, ...mail }) => {
    const differences = {
      domains: [
        { name: 'a.org', catchAll: catchAll === null ? [] : [catchAll] },
        { name: 'b.org', aliasOf: 'a.org' },
        'c.org',
      ],
      users: users.map((address, index) => (index === 0 ? { address, sendAs, enabled } : address)),
      aliases: Object.fromEntries(Object.entries(aliases).filter(([address]) => !users.includes(address))),
      mail: { ...mail, postmaster: anAddress(users[0] ?? '') },
    };
    return systemOrNull(differences);
  })
  .filter((system) => system !== null);

/** Null for an alias to nobody, which no mail.yaml that passes the checks has. */
function systemOrNull(differences: Differences): MailSystem | null {
  try {
    return aMailSystem(differences);
  } catch {
    return null;
  }
}

test('routes by rows are the routes of the mail system', () => {
  fc.assert(
    fc.property(systems, (system) => {
      const byRows = mailFlow(rowsOf(system), system.mail);
      const bySystem = routerOf(system);
      for (const address of asked) {
        const { users, external, refused } = bySystem(anAddress(address));
        const ends = refused ? [] : [...users, ...external].map(formatAddress);
        expect(byRows.route(address), address).toEqual(ends.sort());
      }
    }),
  );
});

test('who may send as what by rows is who may by the mail system', () => {
  fc.assert(
    fc.property(systems, (system) => {
      const bySystem = new Map<string, Set<string>>(
        system.users.map(({ address }) => [formatAddress(address), new Set()]),
      );
      for (const [sender, users] of senderAddresses(system)) {
        if (!sender.endsWith('@b.org')) for (const user of users) bySystem.get(user)?.add(sender);
      }
      expect(mailFlow(rowsOf(system), system.mail).senders()).toEqual(bySystem);
    }),
  );
});

const names = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const aliasGraph = fc.dictionary(
  names,
  fc.uniqueArray(fc.oneof(names, fc.constantFrom('u', 'v')), { minLength: 1 }),
);

test('a route is every user that the aliases lead to, however they turn in circles', () => {
  fc.assert(
    fc.property(
      aliasGraph,
      fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e', 'f'], { minLength: 6 }),
      (graph, order) => {
        const at = (name: string): string => `${name}@a.org`;
        const aliases = Object.entries(graph).map(([name, next]) => anAlias(at(name), next.map(at)));
        const { route } = flow([aDomain('a.org'), aUser('u@a.org'), aUser('v@a.org'), ...aliases]);
        for (const name of order) expect(route(at(name)), name).toEqual(reachable(graph, name).map(at));
      },
    ),
  );
});

/** Which of u and v can be reached, by walking until nothing new turns up. */
function reachable(graph: Readonly<Record<string, readonly string[]>>, start: string): readonly string[] {
  const found = new Set([start]);
  for (const name of found) for (const next of graph[name] ?? []) found.add(next);
  return ['u', 'v'].filter((user) => found.has(user));
}
