// A managed server gives nobody its superuser: the owner of the database, who may create roles, is enough.

import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { openDatabaseTarget } from '../../src/targets/database/database-target.ts';
import { verifies } from '../../src/targets/database/scram-verifier.ts';
import { aMailSystem } from '../support/a-mail-system.ts';
import { describeServers } from './databases.ts';
import { aRecord, asLive } from './synchronised.ts';

describeServers('the owner of the database', (kind) => {
  it('can do all that an apply needs, and writes nothing the second time', async () => {
    const database = await kind.create();
    const owner = `owner_${randomBytes(4).toString('hex')}`;
    await database.query(`CREATE ROLE ${owner} LOGIN CREATEROLE;
      DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO ${owner}', current_database()); END $$`);
    const url = (database.url ?? '').replace('user=postgres', `user=${owner}`);
    const system = aMailSystem();
    const sync = async (mailPassword: string) => {
      const target = await openDatabaseTarget(url, { workingFolder: '/' });
      try {
        await target.sync({
          system: { ...system, database: { ...system.database, role: database.role } },
          before: await target.read(),
          mailPassword,
          record: aRecord,
          interrupted: new AbortController().signal,
        });
        return { rows: (await target.read()).rows, applies: (await target.history()).length };
      } finally {
        await target.close();
      }
    };
    const password = async () => {
      const [row] = await database.query(
        `SELECT rolpassword FROM pg_authid WHERE rolname = '${database.role}'`,
      );
      return String(row?.rolpassword);
    };

    expect(await sync('first')).toEqual({ rows: asLive(system), applies: 1 });
    expect(verifies(await password(), 'first')).toBe(true);
    const before = await password();
    expect(await sync('first')).toEqual({ rows: asLive(system), applies: 1 });
    expect(await password()).toBe(before);
    expect(await sync('second')).toEqual({ rows: asLive(system), applies: 2 });
    expect(verifies(await password(), 'second')).toBe(true);

    await database.query(
      `REASSIGN OWNED BY ${owner} TO postgres; DROP OWNED BY ${owner}; DROP ROLE ${owner}`,
    );
  });

  it('is told what is missing when it may not create roles', async () => {
    const database = await kind.create();
    const owner = `owner_${randomBytes(4).toString('hex')}`;
    await database.query(`CREATE ROLE ${owner} LOGIN`);
    const target = await openDatabaseTarget((database.url ?? '').replace('user=postgres', `user=${owner}`), {
      workingFolder: '/',
    });
    const request = { system: aMailSystem(), before: await target.read(), mailPassword: 'x' };
    await expect(
      target.sync({ ...request, record: aRecord, interrupted: new AbortController().signal }),
    ).rejects.toMatchObject({ diagnostics: [{ code: 'database-permission' }] });
    await target.close();
    await database.query(`DROP ROLE ${owner}`);
  });
});
