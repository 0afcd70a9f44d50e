/** A connection to a PostgreSQL server, by node-postgres, which is loaded only here. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client, QueryArrayResult } from 'pg';
import { copyStatement } from '../../../renderers/postgres/print-steps.ts';
import type { Connected } from './connect.ts';
import { databaseFailure } from './failure.ts';
import { invalidUrl } from './location.ts';
import { copyChunks, type QueryResult, type Session } from './session.ts';

/** Throws DiagnosticError when the server cannot be reached or refuses. */
export async function connectToServer(url: string): Promise<Connected> {
  const { default: pg } = await import('pg');
  const options = {
    connectionString: url,
    application_name: 'mailc',
    connectionTimeoutMillis: 15_000,
    keepAlive: true,
  };
  const make = (): Client => {
    try {
      return new pg.Client(options);
    } catch {
      // What went wrong may be told with the URL in it.
      throw invalidUrl('it cannot be read as one');
    }
  };
  const client = make();
  return connectClient(client, make, nameOf(client));
}

/** `another` makes clients like `client`, for what one connection cannot ask of itself; `name` is for messages. */
export async function connectClient(client: Client, another: () => Client, name: string): Promise<Connected> {
  const password = typeof client.password === 'string' ? client.password : null;
  // A connection that breaks while nothing runs is noticed by the next statement.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (cause) {
    throw databaseFailure(cause, { database: name, phase: 'connect', password });
  }
  return { session: sessionOf(client, another), name, password };
}

function nameOf({ database, host, port }: Client): string {
  return `database ${database ?? ''} on ${host.startsWith('/') ? host : `${host}:${port}`}`;
}

function sessionOf(client: Client, another: () => Client): Session {
  return {
    query: async (text, parameters) => {
      const values = parameters === undefined ? {} : { values: [...parameters] };
      const results = listOf(await client.query({ text, rowMode: 'array', ...values }));
      return resultOf(results[results.length - 1]);
    },
    queryEach: async (texts) => {
      const results = listOf(await client.query({ text: texts.join(';\n'), rowMode: 'array' }));
      return results.map(resultOf);
    },
    copyIn: async (block) => {
      const { from } = await import('pg-copy-streams');
      await pipeline(Readable.from(copyChunks(block)), client.query(from(copyStatement(block))));
    },
    cancel: async () => {
      await askAnew(another(), 'SELECT pg_catalog.pg_cancel_backend($1)', backendOf(client));
    },
    outcome: async (transaction) => {
      const { setTimeout: sleep } = await import('node:timers/promises');
      const text = 'SELECT pg_catalog.pg_xact_status($1::xid8)';
      // The server may need a moment to notice that the connection is gone, or to come back.
      for (const wait of [0, 500, 1000, 2000, 4000]) {
        await sleep(wait);
        const status = await askAnew(another(), text, transaction).catch(() => null);
        if (status === 'committed' || status === 'aborted') return status;
      }
      return null;
    },
    close: () => client.end(),
  };
}

/** The simple protocol gives a list for a text of several statements. */
function listOf(result: QueryArrayResult | readonly QueryArrayResult[]): readonly QueryArrayResult[] {
  return 'rows' in result ? [result] : result;
}

function resultOf(result: QueryArrayResult | undefined): QueryResult {
  return { rows: result?.rows ?? [], affected: result?.rowCount ?? 0 };
}

/** One question over a connection of its own. */
async function askAnew(client: Client, text: string, parameter: unknown): Promise<unknown> {
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query({ text, values: [parameter], rowMode: 'array' });
    return rows[0]?.[0] ?? null;
  } finally {
    await client.end();
  }
}

/** node-postgres knows the server process it talks to, and its types do not. */
function backendOf(client: Client & { readonly processID?: number | null }): number | null {
  return client.processID ?? null;
}
