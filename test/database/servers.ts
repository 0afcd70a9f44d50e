// The real PostgreSQL servers, as a test file sees them: every version that must work, each started on first use
// and shared by the whole run, with a database of its own for whoever asks.

import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { describe, inject } from 'vitest';
import type { Answer } from './broker.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly postgres: {
      readonly broker: string;
      readonly versions: readonly { readonly major: number; readonly unavailable?: string }[];
    };
  }
}

export interface PostgresServer {
  /** "PostgreSQL 15" */
  readonly name: string;
  readonly major: number;
  /** Of the superuser, to the database postgres. Roles belong to the whole server: give them random names. */
  url(): Promise<string>;
  /** A new, empty database with a random name. */
  createDatabase(): Promise<TestDatabase>;
}

export interface TestDatabase {
  readonly name: string;
  /** Of the superuser. Any other role may connect as well: `user=` in the URL, and no password is asked. */
  readonly url: string;
  drop(): Promise<void>;
}

/** The servers that can be started here. */
export function postgresServers(): readonly PostgresServer[] {
  return inject('postgres')
    .versions.filter((version) => version.unavailable === undefined)
    .map(({ major }) => aServer(major));
}

/** One describe for each version that must work; those that are not here are skipped, and the name says why. */
export function describePostgres(name: string, body: (server: PostgresServer) => void): void {
  for (const { major, unavailable } of inject('postgres').versions) {
    const title = `${name} on PostgreSQL ${major}`;
    if (unavailable === undefined) describe(title, () => body(aServer(major)));
    else describe.skip(`${title} [not run: ${unavailable}]`, () => body(aServer(major)));
  }
}

function aServer(major: number): PostgresServer {
  let asked: Promise<string> | undefined;
  const url = () => {
    asked ??= ask(major);
    return asked;
  };
  return {
    name: `PostgreSQL ${major}`,
    major,
    url,
    createDatabase: async () => createDatabase(await url()),
  };
}

async function ask(major: number): Promise<string> {
  const connection = connect(inject('postgres').broker);
  connection.write(`${major}\n`);
  const answer: Answer = JSON.parse(await text(connection));
  if ('error' in answer) throw new Error(answer.error);
  return answer.url;
}

async function createDatabase(serverUrl: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  // template0: nobody can be connected to it, which CREATE DATABASE would wait for and then refuse.
  await execute(serverUrl, `CREATE DATABASE ${name} TEMPLATE template0`);
  return {
    name,
    url: serverUrl.replace('///postgres?', `///${name}?`),
    drop: () => execute(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
