/** The database as plan and apply see it: read, lock, synchronise, restore, and what was applied before. */

import { lockKey } from '../../../renderers/postgres/sync-steps.ts';
import type { DatabaseTarget, LiveDatabase, LockAttempt, SyncRequest } from '../../apply/targets.ts';
import { error } from '../../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../../diagnostics/diagnostic-error.ts';
import type { MailSystem } from '../../model/mail-system.ts';
import type { DatabaseRows } from '../../model/rows.ts';
import { rowsOf } from '../../render/rows.ts';
import { userMoves } from '../../render/user-moves.ts';
import { openEmbedded } from './embedded-session.ts';
import { databaseFailure } from './failure.ts';
import { parseDatabaseLocation } from './location.ts';
import { readDatabase } from './read-rows.ts';
import { type AppliedRecord, markUndone, readRecords, writeRecord } from './records.ts';
import { connectToServer } from './server-session.ts';
import type { Session } from './session.ts';
import { synchronise } from './synchronise.ts';

export interface OpenDatabaseTarget extends DatabaseTarget {
  /** What was applied, the latest first. */
  readonly history: () => Promise<readonly AppliedRecord[]>;
  /** Ends the connection and whatever it held locked. */
  readonly close: () => Promise<void>;
}

/**
 * `location` is a Postgres URL or `embedded:DIR`, relative to `workingFolder`. Throws DiagnosticError when it
 * cannot be read, reached or used; no error of any function here holds the password. Close what you have opened.
 */
export async function openDatabaseTarget(
  location: string,
  { workingFolder }: { readonly workingFolder: string },
): Promise<OpenDatabaseTarget> {
  const where = parseDatabaseLocation(location, workingFolder);
  const { session, name, password } =
    where.kind === 'embedded' ? await openEmbedded(where.folder) : await connectToServer(where.url);
  const guarded = async <T>(action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (cause) {
      if (cause instanceof Error && cause.name === 'AbortError') throw cause;
      throw databaseFailure(cause, { database: name, phase: 'use', password });
    }
  };
  try {
    // Nobody's functions but the server's own may answer.
    await guarded(() => session.query('SET search_path = pg_catalog, pg_temp'));
    await guarded(() => assertRecentServer(session, name));
  } catch (cause) {
    await session.close().catch(() => {});
    throw cause;
  }
  let lastRecord: string | null = null;
  return {
    name,
    lock: () => guarded(() => lock(session)),
    read: () => guarded(() => read(session, name)),
    sync: async (request) => {
      lastRecord = await guarded(() => sync(session, name, request));
    },
    restore: (system, rows) => guarded(() => restore(session, name, system, rows, lastRecord)),
    history: () => guarded(() => readRecords(session)),
    close: () => session.close(),
  };
}

async function assertRecentServer(session: Session, name: string): Promise<void> {
  const { rows } = await session.query(
    `SELECT pg_catalog.current_setting('server_version_num')::int, pg_catalog.current_setting('server_version')`,
  );
  const [number, version] = rows[0] ?? [];
  if (Number(number) >= 150_000) return;
  const message = `${name}: the server is PostgreSQL ${String(version)}, and mailc needs 15 or later`;
  throw new DiagnosticError(error('database-server-too-old', null, message));
}

/** Held until released or disconnected. sync.sql, run by psql, waits for it. */
async function lock(session: Session): Promise<LockAttempt> {
  const { rows } = await session.query(`SELECT pg_catalog.pg_try_advisory_lock(${lockKey})`);
  if (rows[0]?.[0] === true) {
    const release = async () => {
      await session.query(`SELECT pg_catalog.pg_advisory_unlock(${lockKey})`).catch(() => {});
    };
    return { lock: { release } };
  }
  const { rows: holders } = await session.query(`
SELECT a.pid, a.backend_start, pg_catalog.concat_ws(' ', nullif(a.application_name, ''), 'as', a.usename, 'from ' || pg_catalog.host(a.client_addr))
FROM pg_catalog.pg_locks AS l
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
  AND l.classid::bigint << 32 | l.objid::bigint = ${lockKey}
LIMIT 1`);
  const [pid, since, who] = holders[0] ?? [];
  if (pid === undefined) return { heldBy: null };
  return {
    heldBy: {
      pid: Number(pid),
      since: since instanceof Date ? since.toISOString() : String(since ?? ''),
      who: String(who),
    },
  };
}

/** In one snapshot. */
async function read(session: Session, name: string): Promise<LiveDatabase> {
  await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    return await readDatabase(session, name);
  } finally {
    await session.query('ROLLBACK');
  }
}

async function sync(
  session: Session,
  name: string,
  { system, before, mailPassword, record, interrupted }: SyncRequest,
): Promise<string | null> {
  let id: string | null = null;
  await synchronise(session, {
    name,
    rows: rowsOf(system),
    role: system.database.role,
    mailPassword,
    before,
    record: async (changed) => {
      if (changed) id = await writeRecord(session, record);
    },
    interrupted,
  });
  return id;
}

/** Users that have moved move back, so that they keep their mailboxes. */
async function restore(
  session: Session,
  name: string,
  system: MailSystem,
  rows: DatabaseRows,
  record: string | null,
): Promise<void> {
  const moves = userMoves(rows.users, rowsOf(system).users);
  const movedTo = new Map([...moves].map(([own, former]) => [former, own]));
  const users = rows.users.map((user) => ({
    ...user,
    movedFrom: movedTo.get(`${user.name}@${user.domain}`) ?? null,
  }));
  await synchronise(session, {
    name,
    rows: { ...rows, users },
    role: system.database.role,
    mailPassword: null,
    before: null,
    record: async () => {
      if (record !== null) await markUndone(session, record);
    },
    interrupted: new AbortController().signal,
  });
}
