import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Resource } from '../model/plan.ts';
import { aDomain, anAlias, aState, aUser } from './example-state.ts';
import { mailFlow } from './mail-flow.ts';
import { rowsOfState } from './rows-of-state.ts';

const flow = (resources: readonly Resource[], disabledUsers: 'accept' | 'refuse' = 'accept') =>
  mailFlow(rowsOfState(aState(resources)), disabledUsers);

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
  ['an alias to nobody', 'dead@c.org', []],
  ['an address elsewhere', 'x@elsewhere.org', ['x@elsewhere.org']],
])('%s', (_what, address, ends) => {
  expect(flow(example).route(address)).toEqual(ends);
});

test('a disabled user gets no mail where the setting is to refuse it', () => {
  expect(flow(example, 'refuse').route('bob@a.org')).toEqual([]);
  expect(flow(example, 'refuse').route('team@a.org')).toEqual(['amy@a.org', 'out@elsewhere.org']);
});

test('a user may send as itself, as what send_as lists and as an alias of its own', () => {
  const senders = flow([...example, anAlias('press@c.org', ['bob@b.org'])]).senders();
  expect([...(senders.get('bob@a.org') ?? [])]).toEqual(['bob@a.org', 'sales@a.org', 'press@c.org']);
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
