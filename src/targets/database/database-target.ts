/** The database as plan and apply see it: read, lock, synchronise, restore, and what was applied before. */

import type { DatabaseTarget, LiveDatabase, RolePasswords, SyncRequest } from '../../apply/targets.ts';
import type { MailSystem } from '../../model/mail-system.ts';
import type { DatabaseRows } from '../../model/rows.ts';
import { rowsOf } from '../../render/rows.ts';
import { userMoves } from '../../render/user-moves.ts';
import { takeAdvisoryLock } from './advisory-lock.ts';
import { type Connected, connect } from './connect.ts';
import { databaseFailure } from './failure.ts';
import { parseDatabaseLocation } from './location.ts';
import { putBackOutsideChanges } from './outside-changes.ts';
import { readDatabase } from './read-rows.ts';
import { type AppliedRecord, markUndone, readRecords, writeRecord } from './records.ts';
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
  return databaseTarget(await connect(parseDatabaseLocation(location, workingFolder)));
}

/** For a connection that stands. */
export function databaseTarget({ session, name, password }: Connected): OpenDatabaseTarget {
  const guarded = async <T>(action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (cause) {
      if (cause instanceof Error && cause.name === 'AbortError') throw cause;
      throw databaseFailure(cause, { database: name, phase: 'use', password });
    }
  };
  let last: Synced = { record: null, outsideChanges: [] };
  return {
    name,
    container: null,
    presence: async () => 'running',
    lock: () => guarded(() => takeAdvisoryLock(session)),
    read: () => guarded(() => read(session, name)),
    sync: async (request) => {
      last = await guarded(() => sync(session, name, request));
    },
    restore: (system, rows, passwords) =>
      guarded(() => restore(session, name, { system, rows, passwords }, last)),
    history: () => guarded(() => readRecords(session)),
    close: () => session.close(),
  };
}

/** What a failure behind the commit has to take back beside the rows. */
interface Synced {
  /** Id of what was recorded; null where nothing was. */
  readonly record: string | null;
  readonly outsideChanges: readonly string[];
}

interface Earlier {
  readonly system: MailSystem;
  readonly rows: DatabaseRows;
  readonly passwords: RolePasswords | undefined;
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
  { system, before, mailPassword, superuserPassword = null, record, interrupted }: SyncRequest,
): Promise<Synced> {
  let synced: Synced = { record: null, outsideChanges: [] };
  await synchronise(session, {
    name,
    rows: rowsOf(system),
    role: system.database.role,
    mailPassword,
    superuserPassword,
    before,
    record: async (changed, outsideChanges) => {
      synced = { record: changed ? await writeRecord(session, record) : null, outsideChanges };
    },
    interrupted,
  });
  return synced;
}

/** Users that have moved move back, so that they keep their mailboxes. What others had changed, they have again. */
async function restore(
  session: Session,
  name: string,
  { system, rows, passwords }: Earlier,
  { record, outsideChanges }: Synced,
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
    mailPassword: passwords?.mailPassword ?? null,
    superuserPassword: passwords?.superuserPassword ?? null,
    before: null,
    record: async () => {
      if (record !== null) await markUndone(session, record);
      await putBackOutsideChanges(session, outsideChanges);
    },
    interrupted: new AbortController().signal,
  });
}
