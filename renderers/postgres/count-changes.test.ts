// How many rows will change. That the database agrees is checked at every synchronisation.

import { expect, it } from 'vitest';
import { rowsOf } from '../../src/render/rows.ts';
import { aMailSystem, type Differences } from '../../test/support/a-mail-system.ts';
import { changesNothing, countChanges } from './count-changes.ts';

const count = (live: Differences, desired: Differences) => {
  const counts = countChanges(rowsOf(aMailSystem(live)), rowsOf(aMailSystem(desired)));
  return Object.fromEntries(Object.entries(counts).filter(([, number]) => number > 0));
};

it('counts nothing between a system and itself', () => {
  expect(count({}, {})).toEqual({});
  expect(changesNothing(countChanges(rowsOf(aMailSystem()), rowsOf(aMailSystem())))).toBe(true);
});

it('counts users, and the addresses that they may also send as', () => {
  const live = {
    users: ['alice@example.com', { address: 'bob@example.com', sendAs: ['a@x.example', 'b@x.example'] }],
  };
  const desired = {
    users: [
      { address: 'alice@example.com', enabled: false },
      { address: 'bob@example.com', sendAs: ['b@x.example', 'c@x.example'] },
      { address: 'carol@example.com', sendAs: ['d@x.example'] },
    ],
  };
  expect(count(live, desired)).toEqual({
    usersUpdated: 1,
    usersInserted: 1,
    sendAsInserted: 2,
    sendAsDeleted: 1,
  });
  expect(count(desired, live)).toEqual({
    usersUpdated: 1,
    usersDeleted: 1,
    sendAsInserted: 1,
    sendAsDeleted: 2,
  });
});

it('counts a user who moves as moved, with what has changed besides', () => {
  const live = { users: ['alice@example.com', { address: 'bob@example.com', sendAs: ['a@x.example'] }] };
  const robert = { address: 'robert@example.com', movedFrom: 'bob@example.com' };
  expect(count(live, { users: ['alice@example.com', { ...robert, sendAs: ['a@x.example'] }] })).toEqual({
    usersMoved: 1,
  });
  expect(count(live, { users: ['alice@example.com', { ...robert, quota: 1 }] })).toEqual({
    usersMoved: 1,
    usersUpdated: 1,
    sendAsDeleted: 1,
  });
});

it('counts the destinations of aliases, a row each', () => {
  const live = { aliases: { 'team@example.com': ['a@x.example', 'b@x.example'] } };
  const desired = {
    aliases: { 'team@example.com': ['b@x.example'], 'new@example.com': ['c@x.example', 'd@x.example'] },
  };
  expect(count(live, desired)).toEqual({ aliasesInserted: 2, aliasesDeleted: 1 });
});

it('counts domains', () => {
  const live = { domains: ['example.com', 'example.net'] };
  const desired = { domains: [{ name: 'example.com', catchAll: ['bob@example.com'] }, 'example.org'] };
  expect(count(live, desired)).toMatchObject({ domainsInserted: 1, domainsUpdated: 1, domainsDeleted: 1 });
});
