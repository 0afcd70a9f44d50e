// Every kind of database that mailc works on: the real servers and the embedded one, behind one interface.

import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, describe } from 'vitest';
import { type Connected, connect } from '../../src/targets/database/connect.ts';
import {
  databaseTarget,
  type OpenDatabaseTarget,
  openDatabaseTarget,
} from '../../src/targets/database/database-target.ts';
import { describePostgres } from './servers.ts';

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));

export interface ADatabase {
  /** Of the superuser; null for the embedded one, which no other program can get at. */
  readonly url: string | null;
  /** A role's name that is new to the server. */
  readonly role: string;
  /** As `mailc apply` has it; to be closed. */
  readonly open: () => Promise<OpenDatabaseTarget>;
  /** Runs statements as the superuser, beside mailc; gives the rows of a single SELECT, or the first column. */
  readonly query: (sql: string) => Promise<readonly Record<string, unknown>[]>;
}

export interface DatabaseKind {
  /** A new, empty database. On the embedded one it takes the place of the one before. */
  readonly create: () => Promise<ADatabase>;
}

/** One describe for each real server; those that are not here are skipped, and their names say why. */
export function describeServers(name: string, body: (kind: DatabaseKind) => void): void {
  describePostgres(name, (server) => {
    const cleanUp: (() => Promise<unknown>)[] = [];
    afterAll(async () => {
      for (const step of cleanUp) await step();
    });
    body({
      create: async () => {
        const database = await server.createDatabase();
        const role = `mail_${randomBytes(4).toString('hex')}`;
        cleanUp.push(async () => {
          await database.drop();
          await queryServer(await server.url(), `DROP ROLE IF EXISTS ${role}`);
        });
        return {
          url: database.url,
          role,
          open: () => openDatabaseTarget(database.url, { workingFolder: '/' }),
          query: (sql) => queryServer(database.url, sql),
        };
      },
    });
  });
}

/** The same, and one describe for the embedded PostgreSQL. */
export function describeDatabases(name: string, body: (kind: DatabaseKind) => void): void {
  describeServers(name, body);
  describe(`${name} on the embedded PostgreSQL`, { timeout: 180_000 }, () => {
    // One for all tests: opening it takes longer than most of them.
    let opened: Promise<Connected> | undefined;
    const folder = mkdtempSync(join(tmpdir(), 'mailc-embedded-'));
    afterAll(async () => {
      await (await opened)?.session.close();
      rmSync(folder, { recursive: true, force: true });
    });
    body({
      create: async () => {
        opened ??= copyOfAnEmptyDatabase(join(folder, 'database'));
        const connected = await opened;
        await connected.session.query(emptied);
        return {
          url: null,
          role: 'mail_services',
          open: async () => ({ ...databaseTarget(connected), close: async () => {} }),
          query: (sql) => queryEmbedded(connected, sql),
        };
      },
    });
  });
}

const emptied = `
ROLLBACK;
DROP SCHEMA IF EXISTS mailc CASCADE;
DROP SCHEMA public CASCADE;
CREATE SCHEMA public AUTHORIZATION pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE postgres TO PUBLIC;
DO $$ BEGIN IF to_regrole('mail_services') IS NOT NULL THEN
  DROP OWNED BY mail_services;
  DROP ROLE mail_services;
END IF; END $$;`;

async function copyOfAnEmptyDatabase(folder: string): Promise<Connected> {
  cpSync(await anEmptyDatabase(), folder, { recursive: true });
  return connect({ kind: 'embedded', folder });
}

/** Making a database takes seconds, copying one does not: it is kept beside the package that makes it. */
async function anEmptyDatabase(): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(modules, '@electric-sql/pglite/package.json'), 'utf8'));
  const folder = join(modules, `.cache/mailc/embedded-${version}`);
  if (existsSync(folder)) return folder;
  const making = `${folder}.${process.pid}`;
  await (await connect({ kind: 'embedded', folder: making })).session.close();
  try {
    renameSync(making, folder);
  } catch {
    // Another test file was quicker.
    rmSync(making, { recursive: true });
  }
  return folder;
}

async function queryServer(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const results = [await client.query({ text: asObjects(sql), rowMode: 'array' })].flat();
    return results[results.length - 1]?.rows.map(([row]) => row as Record<string, unknown>) ?? [];
  } finally {
    await client.end();
  }
}

async function queryEmbedded(
  { session }: Connected,
  sql: string,
): Promise<readonly Record<string, unknown>[]> {
  await session.query('SET search_path = "$user", public');
  try {
    const { rows } = await session.query(asObjects(sql));
    return rows.map(([row]) => row as Record<string, unknown>);
  } finally {
    await session.query('SET search_path = pg_catalog, pg_temp');
  }
}

function asObjects(sql: string): string {
  return /^\s*SELECT/.test(sql) ? `SELECT to_jsonb(row_) FROM (${sql}) AS row_` : sql;
}
