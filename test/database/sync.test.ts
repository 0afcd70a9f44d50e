// What a synchronisation makes of a database, on every kind of it.

import { expect, it } from 'vitest';
import { aHash, aMailSystem, type Differences } from '../support/a-mail-system.ts';
import { describeDatabases } from './databases.ts';
import { physicalRows } from './physical-rows.ts';
import { asLive, synchronised } from './synchronised.ts';

describeDatabases('a synchronisation', (kind) => {
  it('fills an empty database', async () => {
    const database = await kind.create();
    const system = aMailSystem(everything);
    expect(await synchronised(database, system)).toEqual(asLive(system));
  });

  it('writes nothing the second time', async () => {
    const database = await kind.create();
    const system = aMailSystem(everything);
    await synchronised(database, system, 'secret');
    const before = await physicalRows(database);
    await synchronised(database, system, 'secret');
    expect(await physicalRows(database)).toEqual(before);
  });

  it('makes every kind of change, there and back', async () => {
    const database = await kind.create();
    const [a, b] = [aMailSystem(everything), aMailSystem(everythingElse)];
    for (const system of [a, b, a]) expect(await synchronised(database, system)).toEqual(asLive(system));
  });

  it('empties a database', async () => {
    const database = await kind.create();
    await synchronised(database, aMailSystem(everything));
    const nothing = { ...aMailSystem(), domains: [], users: [], aliases: [] };
    expect(await synchronised(database, nothing)).toEqual({ domains: [], users: [], aliases: [] });
  });

  it('keeps hostile strings as they are', async () => {
    const database = await kind.create();
    const system = aMailSystem({
      domains: [{ name: 'example.com', catchAll: hostile.map((text) => `${text}@example.com`) }],
      users: [
        'bob@example.com',
        ...hostile.map((text) => ({ address: `${text}@example.com`, passwordHash: text })),
      ],
      aliases: Object.fromEntries(
        hostile.map((text) => [`alias-${text}@example.com`, [`${text}@example.com`]]),
      ),
    });
    expect(await synchronised(database, system)).toEqual(asLive(system));
  });
});

const everything: Differences = {
  domains: [
    { name: 'example.com', catchAll: ['bob@example.com', 'carol@elsewhere.example'] },
    { name: 'example.net', aliasOf: 'example.com' },
    'example.org',
  ],
  users: [
    { address: 'alice@example.com', quota: 5 * 1024 ** 3, sendAs: ['ceo@example.com', 'sales@example.org'] },
    'bob@example.com',
    { address: 'carol@example.org', enabled: false },
  ],
  aliases: {
    'team@example.com': ['alice@example.com', 'bob@example.com', 'partner@elsewhere.example'],
    'smith@example.com': ['bob@example.com'],
    'everyone@example.org': ['team@example.com'],
  },
};

/** Differs from `everything` in each column of each table, in rows that stay, go and come. */
const everythingElse: Differences = {
  domains: [
    { name: 'example.com', catchAll: ['alice@example.com'] },
    { name: 'example.edu', aliasOf: 'example.com' },
    { name: 'example.net', catchAll: ['alice@example.com'] },
  ],
  users: [
    {
      address: 'alice@example.com',
      quota: null,
      sendAs: ['ceo@example.com', 'info@example.net'],
      enabled: false,
    },
    { address: 'bob@example.com', passwordHash: `${aHash.slice(0, -1)}x`, quota: 1 },
    'dave@example.net',
  ],
  aliases: {
    'team@example.com': ['alice@example.com', 'dave@example.net'],
    'smith@example.net': ['bob@example.com'],
  },
};

/** What psql, COPY, arrays, string constants or patterns could take for something else. */
const hostile = [
  '\\.',
  '\\N',
  '\\',
  "'",
  "''; DROP TABLE users; --",
  '"',
  '{}',
  '{a,b}',
  'NULL',
  '$1',
  '$mailc$',
  ':x',
  ":'x'",
  '%s',
  '\\! id',
  '-- ',
  'ü',
  '\u202e',
  '🙂',
  '@',
  'a b',
  `'"\\`.repeat(300),
];
