// How much a synchronisation that finds nothing to do makes the server write: on clusters of its own, where
// nobody else writes.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgres } from '../../renderers/postgres/index.ts';
import { printContent } from '../../src/render/secret-marker.ts';
import { openDatabaseTarget } from '../../src/targets/database/database-target.ts';
import { aMailSystem } from '../support/a-mail-system.ts';
import type { Cluster } from './cluster.ts';
import { postgresInstallations } from './installations.ts';
import { hasPsql, runPsql, unlessPsql } from './psql.ts';
import { aRecord } from './synchronised.ts';

const thousand = Array.from({ length: 1000 }, (_, index) => `user${index}`);
const system = aMailSystem({
  users: thousand.map((name) => ({ address: `${name}@example.com`, sendAs: [`${name}s@example.com`] })),
  aliases: Object.fromEntries(thousand.map((name) => [`alias.${name}@example.com`, [`${name}@example.com`]])),
});

for (const { major, start } of postgresInstallations()) {
  const unavailable = typeof start === 'function' ? '' : ` [not run: ${start.unavailable}]`;
  describe.skipIf(unavailable !== '')(`nothing to do on PostgreSQL ${major}${unavailable}`, () => {
    let cluster: Cluster | undefined;
    const folder = mkdtempSync(join(tmpdir(), 'mailc-wal-'));
    beforeAll(async () => {
      if (typeof start === 'function') cluster = await start();
    });
    afterAll(async () => {
      await cluster?.stop();
      rmSync(folder, { recursive: true });
    });

    it('writes next to nothing', async () => {
      const url = cluster?.url ?? '';
      const apply = async () => {
        const target = await openDatabaseTarget(url, { workingFolder: '/' });
        const interrupted = new AbortController().signal;
        await target.sync({
          system,
          before: await target.read(),
          mailPassword: 'x',
          record: aRecord,
          interrupted,
        });
        await target.close();
      };
      await apply();
      expect(await bytesWritten(url, apply)).toBeLessThan(10_000);
    });

    it.skipIf(!hasPsql)(
      `writes what defines the temporary tables when it is psql's${unlessPsql}`,
      async () => {
        const url = cluster?.url ?? '';
        const file = join(folder, 'sync.sql');
        const artifact = postgres.render(system).artifacts.find(({ path }) => path === 'database/sync.sql');
        writeFileSync(file, printContent(artifact?.content ?? []));
        const apply = async () => expect(runPsql(url, file, '-v', 'mail_password=x').status).toBe(0);
        await apply();
        expect(await bytesWritten(url, apply)).toBeLessThan(100_000);
      },
    );
  });
}

/** By anybody on the server. */
async function bytesWritten(url: string, action: () => Promise<void>): Promise<number> {
  const client = new pg.Client(url);
  await client.connect();
  const position = 'SELECT pg_current_wal_insert_lsn() AS lsn';
  const before = (await client.query(position)).rows[0].lsn;
  await action();
  const { rows } = await client.query('SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1) AS bytes', [
    before,
  ]);
  await client.end();
  return Number(rows[0].bytes);
}
