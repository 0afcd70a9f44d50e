// Every kind of database that mailc works on: the real servers and the embedded one, behind one interface.

import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { afterAll, describe } from 'vitest';
import { openDatabaseTarget } from '../../src/targets/database/database-target.ts';
import { describePostgres } from './servers.ts';

export interface ADatabase {
  /** What `--database` takes. */
  readonly location: string;
  /** A role's name that is new to the server. */
  readonly role: string;
  /** Runs SQL as the superuser, beside mailc; the rows of the last statement, as objects. */
  readonly query: (sql: string) => Promise<readonly Record<string, unknown>[]>;
}

export interface DatabaseKind {
  readonly isEmbedded: boolean;
  /** A new, empty database, gone after the tests of the describe. */
  readonly create: () => Promise<ADatabase>;
}

/** One describe for each kind of database; what is not here is skipped, and its name says why. */
export function describeDatabases(name: string, body: (kind: DatabaseKind) => void): void {
  describePostgres(name, (server) => {
    const cleanUp: (() => Promise<void>)[] = [];
    afterAll(async () => {
      for (const step of cleanUp) await step();
    });
    body({
      isEmbedded: false,
      create: async () => {
        const database = await server.createDatabase();
        const role = `mail_${randomBytes(4).toString('hex')}`;
        cleanUp.push(async () => {
          await database.drop();
          await queryServer(await server.url(), `DROP ROLE IF EXISTS ${role}`);
        });
        return { location: database.url, role, query: (sql) => queryServer(database.url, sql) };
      },
    });
  });
  describe(`${name} on the embedded PostgreSQL`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'mailc-embedded-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    // Making a database takes seconds, copying one does not.
    let template: Promise<string> | undefined;
    body({
      isEmbedded: true,
      create: async () => {
        template ??= anEmptyDatabase(join(folder, 'template'));
        const copy = join(folder, randomBytes(4).toString('hex'));
        cpSync(await template, copy, { recursive: true });
        return { location: `embedded:${copy}`, role: 'mail', query: (sql) => queryEmbedded(copy, sql) };
      },
    });
  });
}

async function anEmptyDatabase(folder: string): Promise<string> {
  const target = await openDatabaseTarget(`embedded:${folder}`, { workingFolder: '/' });
  await target.close();
  return folder;
}

async function queryServer(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const result = await client.query(sql);
    return (Array.isArray(result) ? result[result.length - 1] : result).rows;
  } finally {
    await client.end();
  }
}

async function queryEmbedded(folder: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const database = await PGlite.create(join(folder, 'data'));
  try {
    const results = await database.exec(sql);
    return (results[results.length - 1]?.rows ?? []) as readonly Record<string, unknown>[];
  } finally {
    await database.close();
  }
}
