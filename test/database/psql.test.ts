// The committed sync.sql, run by psql, does what `mailc apply` does.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { postgres } from '../../renderers/postgres/index.ts';
import type { MailSystem } from '../../src/model/mail-system.ts';
import { printContent } from '../../src/render/secret-marker.ts';
import { verifies } from '../../src/targets/database/scram-verifier.ts';
import { aMailSystem } from '../support/a-mail-system.ts';
import { type ADatabase, describeServers } from './databases.ts';
import { definitions } from './definitions.ts';
import { everything, everythingElse, hostile } from './examples.ts';
import { physicalRows } from './physical-rows.ts';
import { hasPsql, runPsql, unlessPsql } from './psql.ts';
import { asLive, synchronised, withTarget } from './synchronised.ts';

const folder = mkdtempSync(join(tmpdir(), 'mailc-psql-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the artifact with flags as the README has them, or with others. */
function psql(
  database: ADatabase,
  system: MailSystem,
  flags = ['-v', 'mail_password=secret'],
  name = 'sync.sql',
) {
  const artifact = postgres
    .render({ ...system, database: { ...system.database, role: database.role } })
    .artifacts.find(({ path }) => path === `database/${name}`);
  const file = join(folder, name);
  writeFileSync(file, printContent(artifact?.content ?? []));
  return runPsql(database.url ?? '', file, ...flags);
}

const quietly = { status: 0, stdout: '', stderr: '' };

describe.skipIf(!hasPsql)(`sync.sql${unlessPsql}`, () => {
  describeServers('run by psql', (kind) => {
    it('makes the same database as mailc does, from nothing and from another', async () => {
      const [byPsql, byMailc] = [await kind.create(), await kind.create()];
      for (const differences of [everything, everythingElse]) {
        const system = aMailSystem(differences);
        expect(psql(byPsql, system)).toMatchObject(quietly);
        await synchronised(byMailc, system, 'secret');
        expect(await definitions(byPsql)).toEqual(await definitions(byMailc));
        expect(await contents(byPsql)).toEqual(await contents(byMailc));
      }
    });

    it('writes nothing the second time', async () => {
      const database = await kind.create();
      const system = aMailSystem(everything);
      expect(psql(database, system)).toMatchObject(quietly);
      const before = await physicalRows(database);
      expect(psql(database, system)).toMatchObject(quietly);
      expect(await physicalRows(database)).toEqual(before);
    });

    it('leaves to mailc nothing to do, and finds nothing to do after it', async () => {
      const database = await kind.create();
      const system = aMailSystem(everything);
      expect(psql(database, system)).toMatchObject(quietly);
      const before = await physicalRows(database);
      await synchronised(database, system, 'secret');
      expect(psql(database, system)).toMatchObject(quietly);
      expect(await physicalRows(database)).toEqual(before);
    });

    it('keeps hostile strings as they are', async () => {
      const database = await kind.create();
      const system = aMailSystem(hostile);
      expect(psql(database, system)).toMatchObject(quietly);
      expect((await withTarget(database, (target) => target.read())).rows).toEqual(asLive(system));
    });

    it('sets the password, keeps it when it is the same, and leaves it alone when none is given', async () => {
      const database = await kind.create();
      const stored = async () => {
        const [row] = await database.query(
          `SELECT rolpassword FROM pg_authid WHERE rolname = '${database.role}'`,
        );
        return String(row?.rolpassword);
      };
      psql(database, aMailSystem(), ['-v', `mail_password=it's "quoted" \\ $`]);
      const first = await stored();
      expect(verifies(first, `it's "quoted" \\ $`)).toBe(true);
      psql(database, aMailSystem(), ['-v', `mail_password=it's "quoted" \\ $`]);
      psql(database, aMailSystem(), ['-v', 'mail_password=']);
      expect(await stored()).toBe(first);
      psql(database, aMailSystem(), ['-v', 'mail_password=another']);
      expect(verifies(await stored(), 'another')).toBe(true);
    });

    it('wants to be told a password, or that there is none', async () => {
      const database = await kind.create();
      const { status, stderr } = psql(database, aMailSystem(), []);
      expect(status).toBe(3);
      expect(stderr).toContain('give the password of the mail role');
      expect(await database.query(`SELECT to_regclass('users') AS users`)).toEqual([{ users: null }]);
    });

    it('stops at the first error, and takes everything back, also when psql is not told to', async () => {
      const database = await kind.create();
      await database.query(`CREATE TABLE users (name text); INSERT INTO users VALUES ('somebody')`);
      // Without the stop these rows would be read as statements behind a ROLLBACK of their own.
      const evil = { address: 'bob@example.com', passwordHash: '; ROLLBACK; DROP TABLE users; --' };
      expect(psql(database, aMailSystem({ users: [evil] })).status).toBe(3);
      expect(await database.query('SELECT * FROM users')).toEqual([{ name: 'somebody' }]);
      expect(await database.query(`SELECT to_regclass('domains') AS domains`)).toEqual([{ domains: null }]);
    });

    it('has a part that stands alone: schema.sql', async () => {
      const database = await kind.create();
      expect(psql(database, aMailSystem(), undefined, 'schema.sql')).toMatchObject(quietly);
      const { rows } = await withTarget(database, (target) => target.read());
      expect(rows).toEqual({ domains: [], users: [], aliases: [] });
      const before = await definitions(database);
      expect(psql(database, aMailSystem())).toMatchObject(quietly);
      expect(await definitions(database)).toEqual(before);
    });
  });
});

/** All rows, but for the times at which they were written. */
function contents(database: ADatabase) {
  const tables = [
    'public.domains',
    'public.users',
    'public.alias',
    'public.send_as',
    'mailc.retired_mailbox',
  ];
  const selects = tables.map(
    (table) => `SELECT '${table}' AS relation, to_jsonb(r) AS row FROM ${table} AS r`,
  );
  return database.query(`${selects.join(' UNION ALL ')} ORDER BY relation, row`);
}
