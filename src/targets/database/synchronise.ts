/** Runs the steps of sync.sql in one transaction, and holds the database to the changes that were planned. */
import { changesNothing, countChanges } from '../../../renderers/postgres/count-changes.ts';
import { schemaVersion } from '../../../renderers/postgres/migrations.ts';
import { rowSteps } from '../../../renderers/postgres/row-steps.ts';
import { notesSetting, type RowCounts, type Step } from '../../../renderers/postgres/step.ts';
import {
  lockKey,
  lockTables,
  schemaSteps,
  transactionSettings,
} from '../../../renderers/postgres/sync-steps.ts';
import type { LiveDatabase } from '../../apply/targets.ts';
import { error } from '../../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../../diagnostics/diagnostic-error.ts';
import type { DatabaseRows } from '../../model/rows.ts';
import { takeOutsideChanges } from './outside-changes.ts';
import { readDatabase } from './read-rows.ts';
import { newVerifier, verifies } from './scram-verifier.ts';
import type { Session } from './session.ts';

export interface Synchronisation {
  /** For messages. */
  readonly name: string;
  readonly rows: DatabaseRows;
  readonly role: string;
  /** Null leaves the role's password as it is. */
  readonly mailPassword: string | null;
  /** Of the role `postgres`; left as it is unless given. */
  readonly superuserPassword?: string | null;
  /** What the database must still be; null takes it as it is. */
  readonly before: LiveDatabase | null;
  /**
   * Runs within the transaction, when all is done; told whether anything was, and what was remembered of changes that
   * others had made.
   */
  readonly record: (changed: boolean, outsideChanges: readonly string[]) => Promise<void>;
  readonly interrupted: AbortSignal;
}

export interface Synchronised {
  readonly changes: RowCounts;
  /** What was done to tables, role and grants, a line each. */
  readonly notes: readonly string[];
}

/** All or nothing; throws what the driver throws, or DiagnosticError. */
export async function synchronise(session: Session, wanted: Synchronisation): Promise<Synchronised> {
  const { interrupted } = wanted;
  interrupted.throwIfAborted();
  let cancelled: Promise<void> | null = null;
  const cancel = () => {
    cancelled = session.cancel().catch(() => {});
  };
  interrupted.addEventListener('abort', cancel, { once: true });
  try {
    await session.query('BEGIN');
    const done = await withinTransaction(session, wanted);
    interrupted.removeEventListener('abort', cancel);
    interrupted.throwIfAborted();
    await commit(session, wanted.name);
    return done;
  } catch (cause) {
    // A cancel that arrives late may hit the rollback. A connection that is gone has rolled back already.
    await cancelled;
    await session.query('ROLLBACK').catch(() => session.query('ROLLBACK').catch(() => {}));
    interrupted.throwIfAborted();
    throw cause;
  } finally {
    interrupted.removeEventListener('abort', cancel);
  }
}

/** A connection can break after the server has committed and before it said so. */
async function commit(session: Session, name: string): Promise<void> {
  const { rows } = await session.query('SELECT pg_catalog.pg_current_xact_id_if_assigned()::text');
  try {
    await session.query('COMMIT');
  } catch (cause) {
    const transaction = rows[0]?.[0];
    const outcome = typeof transaction === 'string' ? await session.outcome(transaction) : 'aborted';
    if (outcome === 'committed') return;
    if (outcome === 'aborted') throw cause;
    throw new DiagnosticError(
      error('database-outcome-unknown', null, `${name}: the connection broke while the rows were committed`, {
        hint: 'mailc plan shows whether they were',
      }),
    );
  }
}

async function withinTransaction(session: Session, wanted: Synchronisation): Promise<Synchronised> {
  for (const step of transactionSettings) await session.query(step.text);
  await lockOrSayWho(session, wanted.name);
  await session.query(lockTables.text);

  const live = await readDatabase(session, wanted.name);
  if (wanted.before !== null && !sameDatabase(live, wanted.before)) {
    throw new DiagnosticError(
      error('database-changed', null, `${wanted.name} is not what the plan was made against any more`),
    );
  }
  for (const step of schemaSteps(wanted.role)) await run(session, step, wanted);
  await setSuperuserPassword(session, wanted.superuserPassword ?? null);

  // A migration may have dropped rows that mean nothing.
  const migrated = live.schemaVersion === schemaVersion ? live : await readDatabase(session, wanted.name);
  const changes = countChanges(migrated.rows, wanted.rows);
  const counted = new Map<string, number>();
  if (!changesNothing(changes)) {
    for (const step of rowSteps(wanted.rows)) {
      wanted.interrupted.throwIfAborted();
      const affected = await run(session, step, wanted);
      if (step.kind === 'statement' && step.counts !== null) counted.set(step.counts, affected);
    }
  }
  for (const [count, expected] of Object.entries(changes)) {
    const affected = counted.get(count) ?? 0;
    // The steps and the plan come from one source, so this is a fault of mailc; better nothing than too much.
    if (affected !== expected)
      throw new Error(`${count}: ${expected} planned, ${affected} done; rolled back`);
  }

  const { rows } = await session.query(`SELECT coalesce(pg_catalog.current_setting($1, true), '')`, [
    notesSetting,
  ]);
  const notes = String(rows[0]?.[0] ?? '')
    .split('\n')
    .filter((line) => line !== '');
  const outsideChanges = await takeOutsideChanges(session);
  await wanted.record(notes.length > 0 || !changesNothing(changes), outsideChanges);
  return { changes, notes };
}

async function run(session: Session, step: Step, wanted: Synchronisation): Promise<number> {
  if (step.kind === 'copy') {
    await session.copyIn(step);
    return 0;
  }
  if (step.kind === 'password') {
    const password = await verifierToSet(session, wanted);
    await session.query('SELECT pg_catalog.set_config($1, $2, true)', [step.setting, password]);
    return 0;
  }
  return (await session.query(step.text)).affected;
}

/** Empty when the role has the password already: the server's verifier, or the one that was set last, says so. */
async function verifierToSet(session: Session, { mailPassword, role }: Synchronisation): Promise<string> {
  if (mailPassword === null) return '';
  const { rows: readable } = await session.query(
    `SELECT pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT')`,
  );
  const { rows } = await session.query(
    readable[0]?.[0] === true
      ? 'SELECT rolpassword FROM pg_catalog.pg_authid WHERE rolname = $1'
      : 'SELECT verifier FROM mailc.role_password WHERE role = $1',
    [role],
  );
  const stored = rows[0]?.[0];
  return typeof stored === 'string' && verifies(stored, mailPassword) ? '' : newVerifier(mailPassword);
}

async function hasPassword(session: Session, password: string): Promise<boolean> {
  const { rows: readable } = await session.query(
    `SELECT pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT')`,
  );
  if (readable[0]?.[0] !== true) return false;
  const { rows } = await session.query(
    `SELECT rolpassword FROM pg_catalog.pg_authid WHERE rolname = 'postgres'`,
  );
  const stored = rows[0]?.[0];
  return typeof stored === 'string' && verifies(stored, password);
}

/** Of the role that the container has made (POSTGRES_USER); only a superuser may, which the server sees to. */
async function setSuperuserPassword(session: Session, password: string | null): Promise<void> {
  if (password === null || (await hasPassword(session, password))) return;
  // ALTER ROLE takes no parameters; a verifier has neither a quote nor a backslash.
  await session.query(`ALTER ROLE postgres PASSWORD '${newVerifier(password)}'`);
}

async function lockOrSayWho(session: Session, name: string): Promise<void> {
  const { rows } = await session.query(`SELECT pg_catalog.pg_try_advisory_xact_lock(${lockKey})`);
  if (rows[0]?.[0] === true) return;
  throw new DiagnosticError(error('database-locked', null, `${name}: another apply is under way`));
}

function sameDatabase(a: LiveDatabase, b: LiveDatabase): boolean {
  return a.schemaVersion === b.schemaVersion && changesNothing(countChanges(a.rows, b.rows));
}
