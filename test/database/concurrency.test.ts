// Others at work on the same database, and connections that end at the wrong moment.

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { MailSystem } from '../../src/model/mail-system.ts';
import { rowsOf } from '../../src/render/rows.ts';
import { connect } from '../../src/targets/database/connect.ts';
import { synchronise } from '../../src/targets/database/synchronise.ts';
import { aMailSystem } from '../support/a-mail-system.ts';
import { type ADatabase, describeDatabases, describeServers } from './databases.ts';
import { aRecord, asLive, synchronised, withTarget } from './synchronised.ts';

const never = new AbortController().signal;
const one = aMailSystem();
const two = aMailSystem({ users: ['alice@example.com', 'bob@example.com'] });
const withRole = (system: MailSystem, { role }: ADatabase): MailSystem => ({
  ...system,
  database: { ...system.database, role },
});

describeDatabases('a synchronisation', (kind) => {
  it('is refused, with nothing changed, when the rows are not those of the plan any more', async () => {
    const database = await kind.create();
    await synchronised(database, one);
    await withTarget(database, async (target) => {
      const before = await target.read();
      await database.query(`INSERT INTO domains (domain) VALUES ('example.org')`);
      const system = withRole(two, database);
      const request = { system, before, mailPassword: null, record: aRecord, interrupted: never };
      await expect(target.sync(request)).rejects.toMatchObject({
        diagnostics: [{ code: 'database-changed' }],
      });
      expect((await target.read()).rows.users).toEqual(asLive(one).users);
    });
  });

  it('records what was applied, and only then when something was', async () => {
    const database = await kind.create();
    await synchronised(database, one);
    await synchronised(database, one);
    await synchronised(database, two);
    expect(await withTarget(database, (target) => target.history())).toEqual([
      { ...aRecord, undone: false },
      { ...aRecord, undone: false },
    ]);
  });

  it('has no history before the first one', async () => {
    const database = await kind.create();
    expect(await withTarget(database, (target) => target.history())).toEqual([]);
  });
});

describeServers('the lock', (kind) => {
  it('is had by one at a time, and says by whom', async () => {
    const database = await kind.create();
    await withTarget(database, (first) =>
      withTarget(database, async (second) => {
        const attempt = await first.lock(holder);
        if (!('lock' in attempt)) throw new Error('the lock should be free');
        expect(await second.lock(holder)).toMatchObject({
          heldBy: {
            pid: expect.any(Number),
            since: expect.stringMatching(/^20\S+Z$/),
            who: 'mailc as postgres',
          },
        });
        await attempt.lock.release();
        expect(await second.lock(holder)).toHaveProperty('lock');
      }),
    );
  });

  it('is free again when its holder has gone', async () => {
    const database = await kind.create();
    await withTarget(database, (first) => first.lock(holder));
    expect(await withTarget(database, (second) => second.lock(holder))).toHaveProperty('lock');
  });

  it('keeps another synchronisation out', async () => {
    const database = await kind.create();
    await withTarget(database, async (target) => {
      await target.lock(holder);
      await expect(synchronised(database, one)).rejects.toMatchObject({
        diagnostics: [{ code: 'database-locked' }],
      });
    });
  });

  it('does not stand in the way of the synchronisation of its holder', async () => {
    const database = await kind.create();
    await withTarget(database, async (target) => {
      await target.lock(holder);
      const before = await target.read();
      const system = withRole(one, database);
      await target.sync({ system, before, mailPassword: null, record: aRecord, interrupted: never });
      expect((await target.read()).rows).toEqual(asLive(one));
    });
  });
});

describeServers('a synchronisation in the middle', (kind) => {
  it('leaves nothing behind when its connection is cut', async () => {
    const database = await slow(await kind.create());
    const running = synchronised(database, two);
    running.catch(() => {});
    await database.query(`SELECT pg_terminate_backend(${await sleeping(database)})`);
    await expect(running).rejects.toMatchObject({ diagnostics: [{ code: 'database-connection-lost' }] });
    expect((await withTarget(database, (target) => target.read())).rows).toEqual(asLive(one));
  });

  it('leaves nothing behind when it is interrupted, and the connection can go on', async () => {
    const database = await slow(await kind.create());
    const interruption = new AbortController();
    await withTarget(database, async (target) => {
      const before = await target.read();
      const system = withRole(two, database);
      const running = target.sync({
        ...{ system, before, mailPassword: null, record: aRecord },
        interrupted: interruption.signal,
      });
      running.catch(() => {});
      await sleeping(database);
      const start = Date.now();
      interruption.abort();
      await expect(running).rejects.toMatchObject({ name: 'AbortError' });
      expect(Date.now() - start).toBeLessThan(10_000);
      expect(await target.read()).toEqual(before);
    });
  });
});

describeServers('a commit that is never answered', (kind) => {
  /** The COMMIT is run, or not, and the connection lost. */
  async function unanswered(database: ADatabase, committed: boolean) {
    const connected = await connect({ kind: 'server', url: database.url ?? '' });
    const session = {
      ...connected.session,
      query: async (text: string, parameters?: readonly unknown[]) => {
        if (text !== 'COMMIT') return connected.session.query(text, parameters);
        await connected.session.query(committed ? 'COMMIT' : 'ROLLBACK');
        throw new Error('Connection terminated unexpectedly');
      },
    };
    const wanted = { name: 'it', rows: rowsOf(two), role: database.role, mailPassword: null, before: null };
    try {
      return await synchronise(session, { ...wanted, record: async () => {}, interrupted: never });
    } finally {
      await connected.session.close();
    }
  }

  it('counts as done when the server says so', async () => {
    const database = await kind.create();
    await synchronised(database, one);
    expect(await unanswered(database, true)).toMatchObject({ changes: { usersInserted: 1 } });
    expect((await withTarget(database, (target) => target.read())).rows).toEqual(asLive(two));
  });

  it('counts as failed when the server says so', async () => {
    const database = await kind.create();
    await synchronised(database, one);
    await expect(unanswered(database, false)).rejects.toThrow('Connection terminated');
    expect((await withTarget(database, (target) => target.read())).rows).toEqual(asLive(one));
  });
});

const holder = { pid: 1, since: '2026-01-02T03:04:05.678Z', who: 'alice' };

/** A database with `one` that takes a minute to insert a user. */
async function slow(database: ADatabase): Promise<ADatabase> {
  await synchronised(database, one);
  await database.query(`
    CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
    CREATE TRIGGER slow BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION slow()`);
  return database;
}

/** Waits until somebody sleeps in that insert; gives the process that does. */
async function sleeping(database: ADatabase): Promise<number> {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(50)) {
    const [row] = await database.query(
      `SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()`,
    );
    if (row !== undefined) return Number(row.pid);
  }
  throw new Error('nobody sleeps');
}
