import { expect, test } from 'vitest';
import { aMailSystem, anAddress, type Differences } from '../../test/support/a-mail-system.ts';
import { formatAddress } from '../model/address.ts';
import { route } from './route.ts';

function routeOf(address: string, differences: Differences) {
  const { users, external, refused } = route(aMailSystem(differences), anAddress(address));
  return { users: users.map(formatAddress), external: external.map(formatAddress), refused };
}

const nowhere = { users: [], external: [], refused: false };
const bob = { users: ['bob@example.com'], external: [], refused: false };

test('mail to a user goes to the user, with a detail or without', () => {
  expect(routeOf('bob@example.com', {})).toEqual(bob);
  expect(routeOf('bob+news@example.com', {})).toEqual(bob);
  expect(routeOf('bob-news@example.com', {})).toEqual(nowhere);
  expect(routeOf('bob-news@example.com', { mail: { recipientDelimiter: '-' } })).toEqual(bob);
  expect(routeOf('bob+news@example.com', { mail: { recipientDelimiter: null } })).toEqual(nowhere);
});

test('an alias leads to all its destinations, through aliases, each once', () => {
  const aliases = {
    'team@example.com': ['bob@example.com', 'all@example.com', 'partner@elsewhere.org'],
    'all@example.com': ['bob@example.com', 'ann@example.com'],
  };

  expect(routeOf('team+x@example.com', { users: ['bob@example.com', 'ann@example.com'], aliases })).toEqual({
    users: ['ann@example.com', 'bob@example.com'],
    external: ['partner@elsewhere.org'],
    refused: false,
  });
});

test('an alias domain has the addresses and the catch-all of its domain', () => {
  const domains = [
    { name: 'example.com', catchAll: ['bob@example.com'] },
    { name: 'example.net', aliasOf: 'example.com' },
  ];

  expect(routeOf('bob@example.net', { domains })).toEqual(bob);
  expect(routeOf('whoever@example.net', { domains })).toEqual(bob);
  expect(routeOf('bob@example.net', { domains: domains.slice(1) })).toEqual(bob);
});

test('a catch-all takes what nobody else does', () => {
  const differences = {
    domains: [{ name: 'example.com', catchAll: ['bob@example.com'] }],
    users: ['bob@example.com', 'ann@example.com'],
    aliases: { 'team@example.com': ['ann@example.com'] },
  };
  const ann = { ...bob, users: ['ann@example.com'] };

  expect(routeOf('unknown@example.com', differences)).toEqual(bob);
  expect(routeOf('ann@example.com', differences)).toEqual(ann);
  expect(routeOf('ann+x@example.com', differences)).toEqual(ann);
  expect(routeOf('team@example.com', differences)).toEqual(ann);
});

test('mail that disabled users alone would get is refused where they refuse it', () => {
  const users = [{ address: 'bob@example.com', enabled: false }, 'ann@example.com'];
  const aliases = { 'both@example.com': ['bob@example.com', 'ann@example.com'] };
  const mail = { disabledUsers: 'refuse' } as const;

  expect(routeOf('bob@example.com', { users, aliases, mail })).toEqual({ ...bob, refused: true });
  expect(routeOf('both@example.com', { users, aliases, mail }).refused).toBe(false);
  expect(routeOf('bob@example.com', { users, aliases })).toEqual(bob);
});

test('mail to nobody ends nowhere, mail to another system there', () => {
  expect(routeOf('unknown@example.com', {})).toEqual(nowhere);
  expect(routeOf('x@elsewhere.org', {})).toEqual({ ...nowhere, external: ['x@elsewhere.org'] });
});
