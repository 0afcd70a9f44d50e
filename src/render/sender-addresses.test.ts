import { expect, test } from 'vitest';
import { aMailSystem } from '../../test/support/a-mail-system.ts';
import { senderAddresses } from './sender-addresses.ts';

test('a user sends as the own address, what is listed, and aliases that lead to nobody else', () => {
  const senders = senderAddresses(
    aMailSystem({
      users: [{ address: 'bob@example.com', sendAs: ['sales@example.com'] }, 'ann@example.com'],
      aliases: {
        'smith@example.com': ['bob@example.com'],
        'sales@example.com': ['ann@example.com'],
        'team@example.com': ['ann@example.com', 'bob@example.com'],
        'lists@example.com': ['bob+lists@example.com'],
        'nested@example.com': ['smith@example.com'],
        'abuse@example.com': ['team@example.com'],
        'postmaster@example.com': ['team@example.com'],
      },
    }),
  );

  expect(Object.fromEntries(senders)).toEqual({
    'ann@example.com': ['ann@example.com'],
    'bob@example.com': ['bob@example.com'],
    'sales@example.com': ['ann@example.com', 'bob@example.com'],
    'smith@example.com': ['bob@example.com'],
  });
});

test('all of that holds in alias domains', () => {
  const senders = senderAddresses(
    aMailSystem({
      domains: ['example.com', { name: 'example.net', aliasOf: 'example.com' }],
      users: [{ address: 'bob@example.com', sendAs: ['team@example.com', 'only@example.net'] }],
      aliases: {
        'team@example.com': ['x@elsewhere.org'],
        'only@example.com': ['x@elsewhere.org'],
        'smith@example.com': ['bob@example.net'],
      },
    }),
  );

  expect([...senders.keys()].sort()).toEqual([
    'abuse@example.com',
    'abuse@example.net',
    'bob@example.com',
    'bob@example.net',
    'only@example.net',
    'postmaster@example.com',
    'postmaster@example.net',
    'smith@example.com',
    'smith@example.net',
    'team@example.com',
    'team@example.net',
  ]);
});
