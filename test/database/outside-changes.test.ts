// What others than mailc do to the rows is remembered: what had been there, and who changed it last.

import pg from 'pg';
import { expect, it } from 'vitest';
import type { Drift } from '../../src/model/plan.ts';
import { aMailSystem, type Differences } from '../support/a-mail-system.ts';
import { type ADatabase, describeDatabases, describeServers } from './databases.ts';
import { everything } from './examples.ts';
import { aRecord, synchronised, withTarget } from './synchronised.ts';

const drift = (database: ADatabase): Promise<Readonly<Record<string, Drift>>> =>
  withTarget(database, async (target) => Object.fromEntries((await target.read()).drift));
const hand = async (database: ADatabase, ...statements: readonly string[]) => {
  for (const statement of statements) await database.query(statement);
};

describeDatabases('changes outside mailc', (kind) => {
  const applied = async (system: Differences = everything): Promise<ADatabase> => {
    const database = await kind.create();
    await synchronised(database, aMailSystem(system));
    return database;
  };

  it('are none where mailc alone has written', async () => {
    const database = await applied();
    await synchronised(database, aMailSystem());
    await synchronised(database, aMailSystem(everything));
    expect(await drift(database)).toEqual({});
  });

  it('of a user: added, changed, disabled, deleted', async () => {
    const database = await applied();
    await hand(
      database,
      `INSERT INTO public.users (name, domain, password, mailbox) VALUES ('eve', 'example.com', '{X}', 'example.com/eve')`,
      `UPDATE public.users SET password = '{X}other', enabled = false WHERE name = 'alice'`,
      `DELETE FROM public.users WHERE name = 'carol'`,
    );
    const seen = await drift(database);
    expect(Object.keys(seen).sort()).toEqual([
      'user/alice@example.com',
      'user/carol@example.org',
      'user/eve@example.com',
    ]);
    expect(seen['user/eve@example.com']?.applied).toBeNull();
    expect(seen['user/alice@example.com']?.applied).toMatchObject({
      quota: 5 * 1024 ** 3,
      enabled: true,
      send_as: ['ceo@example.com', 'sales@example.org'],
      password: { redacted: expect.stringContaining('$6$') },
    });
    expect(seen['user/carol@example.org']?.applied).toMatchObject({ enabled: false });
  });

  it('say who made them, and when', async () => {
    const database = await applied();
    await hand(database, `DELETE FROM public.alias WHERE name = 'smith'`);
    const [row] = await database.query('SELECT session_user AS who');
    const change = (await drift(database))['alias/smith@example.com'];
    expect(change?.by).toMatch(new RegExp(`^role ${row?.who}( |$)`));
    expect(Math.abs(Date.parse(change?.at ?? '') - Date.now())).toBeLessThan(120_000);
  });

  it('of one of the destinations are changes of the alias as a whole', async () => {
    const database = await applied();
    await hand(
      database,
      `DELETE FROM public.alias WHERE name = 'team' AND aka_name = 'bob'`,
      `INSERT INTO public.alias VALUES ('team', 'example.com', 'eve', 'elsewhere.example')`,
    );
    expect((await drift(database))['alias/team@example.com']?.applied).toEqual({
      destinations: ['alice@example.com', 'bob@example.com', 'partner@elsewhere.example'],
    });
  });

  it('of send_as are changes of the user', async () => {
    const database = await applied();
    await hand(
      database,
      `INSERT INTO public.send_as VALUES ('ceo', 'example.com', 'bob', 'example.com')`,
      `DELETE FROM public.send_as WHERE user_name = 'alice'`,
    );
    const seen = await drift(database);
    expect(seen['user/bob@example.com']?.applied).toMatchObject({ send_as: [] });
    expect(seen['user/alice@example.com']?.applied).toMatchObject({
      send_as: ['ceo@example.com', 'sales@example.org'],
    });
  });

  it('keep what the last apply left, however often something changes', async () => {
    const database = await applied();
    await hand(
      database,
      `UPDATE public.domains SET catch_all = '{}' WHERE domain = 'example.com'`,
      `UPDATE public.domains SET catch_all = '{eve@example.com}' WHERE domain = 'example.com'`,
    );
    expect((await drift(database))['domain/example.com']?.applied).toEqual({
      alias_of: null,
      catch_all: ['bob@example.com', 'carol@elsewhere.example'],
    });
  });

  it('of a domain that is renamed are changes of everything in it, under both names', async () => {
    const database = await applied();
    await hand(database, `UPDATE public.domains SET domain = 'new.example' WHERE domain = 'example.org'`);
    const seen = await drift(database);
    expect(seen['domain/new.example']?.applied).toBeNull();
    expect(seen['domain/example.org']?.applied).toEqual({ alias_of: null, catch_all: [] });
    expect(seen['user/carol@new.example']?.applied).toBeNull();
    expect(seen['user/carol@example.org']?.applied).toMatchObject({ enabled: false });
    expect(seen['alias/everyone@new.example']?.applied).toBeNull();
    expect(seen['alias/everyone@example.org']?.applied).toEqual({ destinations: ['team@example.com'] });
  });

  it('of a table that is emptied at once are noted too', async () => {
    const database = await applied();
    await hand(database, 'TRUNCATE public.users CASCADE');
    const seen = await drift(database);
    expect(Object.keys(seen).filter((address) => address.startsWith('user/'))).toHaveLength(3);
    expect(seen['user/alice@example.com']?.applied).toMatchObject({
      send_as: ['ceo@example.com', 'sales@example.org'],
    });
  });

  it('that change nothing are none', async () => {
    const database = await applied();
    await hand(
      database,
      'UPDATE public.users SET enabled = enabled',
      'UPDATE public.domains SET domain = domain',
    );
    expect(await drift(database)).toEqual({});
  });

  it('are put right by the next apply, which forgets them', async () => {
    const database = await applied();
    const before = await withTarget(database, (target) => target.read());
    await hand(
      database,
      `UPDATE public.domains SET domain = 'new.example' WHERE domain = 'example.org'`,
      `UPDATE public.users SET password = '{X}'`,
      'DELETE FROM public.alias',
    );
    expect(await synchronised(database, aMailSystem(everything))).toEqual(before.rows);
    expect(await drift(database)).toEqual({});
  });

  it('are remembered again where an apply is taken back', async () => {
    const database = await applied();
    await hand(database, `UPDATE public.users SET enabled = false WHERE name = 'alice'`);
    await withTarget(database, async (target) => {
      const before = await target.read();
      const system = aMailSystem(everything);
      const own = { ...system, database: { ...system.database, role: database.role } };
      const interrupted = new AbortController().signal;
      await target.sync({ system: own, before, mailPassword: null, record: aRecord, interrupted });
      expect((await target.read()).drift.size).toBe(0);
      await target.restore(own, before.rows);
      expect(await target.read()).toEqual(before);
    });
  });
});

describeServers('changes outside mailc by somebody who may write the tables', (kind) => {
  const granted = async (): Promise<ADatabase> => {
    const database = await kind.create();
    await synchronised(database, aMailSystem(everything));
    await hand(database, `GRANT ALL ON public.users, public.alias TO ${database.role}`);
    return database;
  };
  const disableBob = `UPDATE public.users SET enabled = false WHERE name = 'bob'`;

  it('are noted with the name of the role', async () => {
    const database = await granted();
    await loggedIn(database, disableBob);
    const { by } = (await drift(database))['user/bob@example.com'] ?? {};
    expect(by).toMatch(new RegExp(`^role ${database.role} (from \\S+ )?with a script$`));
  });

  it('can neither be read nor forged', async () => {
    const database = await granted();
    for (const statement of [
      'SELECT FROM mailc.outside_change',
      'DELETE FROM mailc.outside_change',
      `INSERT INTO mailc.outside_change VALUES ('user', 'x', now(), 'x', NULL, '', 'x', NULL)`,
      `SELECT mailc.note_address('user', 'x', 'x', 'x')`,
    ]) {
      await expect(loggedIn(database, statement), statement).rejects.toThrow(/permission denied/);
    }
    expect(await drift(database)).toEqual({});
  });

  it('are noted although they say to be made by mailc', async () => {
    const database = await granted();
    await loggedIn(database, `SET mailc.applying = 'on'; ${disableBob}`);
    expect(Object.keys(await drift(database))).toEqual(['user/bob@example.com']);
  });
});

async function loggedIn({ url, role }: ADatabase, statements: string): Promise<void> {
  const own = new URL(url ?? '');
  own.searchParams.set('user', role);
  const client = new pg.Client({ connectionString: own.href, application_name: 'a script' });
  await client.connect();
  try {
    await client.query(statements);
  } finally {
    await client.end();
  }
}
