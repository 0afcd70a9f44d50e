// Which folder a user's mail is in: it follows the person, and nobody is ever given another person's.

import { expect, it } from 'vitest';
import { userMoves } from '../../src/render/user-moves.ts';
import { aMailSystem, type UserDifferences } from '../support/a-mail-system.ts';
import { type ADatabase, describeDatabases } from './databases.ts';
import { aRecord, asLive, synchronised, withTarget } from './synchronised.ts';

describeDatabases('the folder of a mailbox', (kind) => {
  it('is domain/name', async () => {
    const database = await kind.create();
    expect(await folders(database, [['bob@example.com']])).toEqual({ 'bob@example.com': 'example.com/bob' });
  });

  it('is kept when the address changes', async () => {
    const database = await kind.create();
    const robert = { address: 'robert@example.com', movedFrom: 'bob@example.com' };
    expect(await folders(database, [['bob@example.com'], [robert]])).toEqual({
      'robert@example.com': 'example.com/bob',
    });
  });

  it('is kept when the user changes to another domain, and the rest of the user too', async () => {
    const database = await kind.create();
    const bob = { address: 'bob@example.com', sendAs: ['info@example.com'] };
    const moved = { address: 'bob@example.org', movedFrom: 'bob@example.com', sendAs: ['info@example.com'] };
    expect(await folders(database, [[bob], [moved]])).toEqual({ 'bob@example.org': 'example.com/bob' });
    expect(await database.query('SELECT name, domain FROM public.send_as')).toEqual([
      { name: 'info', domain: 'example.com' },
    ]);
  });

  it('goes to the first of two who want the same', async () => {
    const database = await kind.create();
    const both = ['zoe@example.com', 'robert@example.com'].map((address) => ({
      address,
      movedFrom: 'bob@example.com',
    }));
    expect(await folders(database, [['bob@example.com'], both])).toEqual({
      'robert@example.com': 'example.com/bob',
      'zoe@example.com': 'example.com/zoe',
    });
  });

  it('is not taken from somebody who still has the former address', async () => {
    const database = await kind.create();
    const users = ['bob@example.com', { address: 'robert@example.com', movedFrom: 'bob@example.com' }];
    expect(await folders(database, [['bob@example.com'], users])).toEqual({
      'bob@example.com': 'example.com/bob',
      'robert@example.com': 'example.com/robert',
    });
  });

  it('is a fresh one for a new user where somebody else has the usual one', async () => {
    const database = await kind.create();
    const robert = { address: 'robert@example.com', movedFrom: 'bob@example.com' };
    // A `moved_from` that is left in the file has no effect any more.
    expect(await folders(database, [['bob@example.com'], [robert], [robert, 'bob@example.com']])).toEqual({
      'bob@example.com': 'example.com/bob@2',
      'robert@example.com': 'example.com/bob',
    });
  });

  it('is found again by a user who was deleted and comes back, whoever came between', async () => {
    const database = await kind.create();
    const robert = { address: 'robert@example.com', movedFrom: 'bob@example.com' };
    const steps = [['bob@example.com'], [robert], ['alice@example.com'], ['bob@example.com']];
    expect(await folders(database, steps)).toEqual({ 'bob@example.com': 'example.com/bob@2' });
    expect(await folders(database, [['bob@example.com', 'robert@example.com']])).toEqual({
      'bob@example.com': 'example.com/bob@2',
      'robert@example.com': 'example.com/bob',
    });
    expect(await database.query('SELECT mailbox FROM mailc.retired_mailbox')).toEqual([
      { mailbox: 'example.com/alice' },
    ]);
  });

  it('is what it was after an apply is undone', async () => {
    const database = await kind.create();
    const before = aMailSystem({ users: ['alice@example.com', 'bob@example.com'] });
    await synchronised(database, before);
    const earlier = await readFolders(database);

    const after = aMailSystem({
      users: ['carol@example.com', { address: 'robert@example.com', movedFrom: 'bob@example.com' }],
    });
    const system = { ...after, database: { ...after.database, role: database.role } };
    await withTarget(database, async (target) => {
      const live = await target.read();
      const interrupted = new AbortController().signal;
      await target.sync({ system, before: live, mailPassword: null, record: aRecord, interrupted });
      await target.restore(system, live.rows);
      expect((await target.read()).rows).toEqual(asLive(before));
      expect((await target.history()).map(({ undone }) => undone)).toEqual([true, false]);
    });
    expect(await readFolders(database)).toEqual(earlier);
  });
});

it('moves users in the plan as it does in the database', () => {
  const user = (name: string, movedFrom: string | null = null) => ({ name, domain: 'x', movedFrom });
  const moves = (live: readonly string[], desired: Parameters<typeof userMoves>[1]) =>
    Object.fromEntries(
      userMoves(
        live.map((name) => user(name)),
        desired,
      ),
    );
  expect(moves(['bob'], [user('robert', 'bob@x')])).toEqual({ 'robert@x': 'bob@x' });
  expect(moves(['bob'], [user('zoe', 'bob@x'), user('robert', 'bob@x')])).toEqual({ 'robert@x': 'bob@x' });
  expect(moves(['bob', 'robert'], [user('robert', 'bob@x')])).toEqual({});
  expect(moves(['bob'], [user('bob'), user('robert', 'bob@x')])).toEqual({});
  expect(moves(['alice'], [user('robert', 'bob@x')])).toEqual({});
});

/** By address, after one synchronisation after the other. */
async function folders(database: ADatabase, steps: readonly (readonly (string | UserDifferences)[])[]) {
  for (const users of steps) {
    await synchronised(database, aMailSystem({ domains: ['example.com', 'example.org'], users }));
  }
  return readFolders(database);
}

async function readFolders(database: ADatabase): Promise<Record<string, unknown>> {
  const rows = await database.query('SELECT name, domain, mailbox FROM public.virtual_mailbox');
  return Object.fromEntries(rows.map(({ name, domain, mailbox }) => [`${name}@${domain}`, mailbox]));
}
