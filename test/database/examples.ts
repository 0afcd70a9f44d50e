// Mail systems that synchronisations are tried on.

import { aHash, type Differences } from '../support/a-mail-system.ts';

/** Something in each column of each table. */
export const everything: Differences = {
  domains: [
    { name: 'example.com', catchAll: ['bob@example.com', 'carol@elsewhere.example'] },
    { name: 'example.net', aliasOf: 'example.com' },
    'example.org',
  ],
  users: [
    {
      address: 'alice@example.com',
      quota: 5 * 1024 ** 3,
      sendAs: ['ceo@example.com', 'sales@example.org'],
    },
    'bob@example.com',
    { address: 'carol@example.org', enabled: false },
  ],
  aliases: {
    'team@example.com': ['alice@example.com', 'bob@example.com', 'partner@elsewhere.example'],
    'smith@example.com': ['bob@example.com'],
    'everyone@example.org': ['team@example.com'],
  },
};

/** Differs from `everything` in each column of each table, in rows that stay, go, come and move. */
export const everythingElse: Differences = {
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
    { address: 'caroline@example.net', movedFrom: 'carol@example.org' },
    'dave@example.net',
  ],
  aliases: {
    'team@example.com': ['alice@example.com', 'dave@example.net'],
    'smith@example.net': ['bob@example.com'],
  },
};

/** What psql, COPY, arrays, string constants or patterns could take for something else. */
const strings = [
  ...[
    '\\.',
    '\\N',
    '\\',
    '\\! id',
    '\\q',
    '\\copy',
    "'",
    '"',
    '{}',
    '{a,b}',
    'NULL',
    '$1',
    '$mailc$',
    ':x',
    `:'x'`,
  ],
  ...['%s', '-- ', "''; DROP TABLE users; --", 'ü', '\u202e', '🙂', '\ufffe', '@', 'a b', `'"\\`.repeat(300)],
];

export const hostile: Differences = {
  domains: [{ name: 'example.com', catchAll: strings.map((text) => `${text}@example.com`) }],
  users: [
    'bob@example.com',
    ...strings.map((text) => ({
      address: `${text}@example.com`,
      passwordHash: text,
      sendAs: [`x${text}@example.com`],
    })),
  ],
  aliases: Object.fromEntries(strings.map((text) => [`alias-${text}@example.com`, [`${text}@example.com`]])),
};
