/** The whole synchronisation, in order: settings, lock, schema, role, rows; all within one transaction. */
import type { DatabaseRows } from '../../src/model/rows.ts';
import { migrationSteps } from './migrations.ts';
import { forgetOutsideChanges, sayApplying } from './outside-changes.ts';
import { roleSteps } from './role-steps.ts';
import { rowSteps } from './row-steps.ts';
import { block, type SqlStatement, type Step, statement } from './step.ts';

/** The letters "mailc" as a number: the key of the advisory lock that one synchronisation at a time holds. */
export const lockKey = 0x6d_61_69_6c_63;

/** What makes the statements mean the same on every server; for the transaction only. */
export const transactionSettings: readonly SqlStatement[] = [
  statement(`SET LOCAL standard_conforming_strings = on`),
  statement(`SET LOCAL client_encoding = 'UTF8'`),
  statement(`SET LOCAL search_path = pg_catalog, pg_temp`),
  statement(`SET LOCAL client_min_messages = warning`),
  statement(`SET LOCAL statement_timeout = 0`),
  statement(`SET LOCAL lock_timeout = '30s'`),
  statement(`SET LOCAL idle_in_transaction_session_timeout = 0`),
  // For sets of a million rows, which are compared fastest by hashes: sorting them takes longer, compiling the
  // statements too, and parallel workers would need more shared memory than a container has.
  statement(`SET LOCAL work_mem = '64MB'`),
  statement(`SET LOCAL enable_mergejoin = off`),
  statement(`SET LOCAL jit = off`),
  statement(`SET LOCAL max_parallel_workers_per_gather = 0`),
  sayApplying,
];

const oldServersAreRefused = block(
  `
IF pg_catalog.current_setting('server_version_num')::int < 150000 THEN
  RAISE EXCEPTION 'this is PostgreSQL %, and mailc needs 15 or later', pg_catalog.current_setting('server_version')
    USING ERRCODE = 'MC004';
END IF;`.trim(),
);

const waitForOthers = block(`PERFORM pg_catalog.pg_advisory_xact_lock(${lockKey});`, {
  purpose: 'one synchronisation at a time',
});

/** Readers go on; nobody else writes between what is compared and what is changed. */
export const lockTables = block(
  `
FOREACH relation IN ARRAY ARRAY['public.domains', 'public.users', 'public.alias', 'public.send_as'] LOOP
  IF pg_catalog.to_regclass(relation) IS NOT NULL THEN
    EXECUTE pg_catalog.format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', relation);
  END IF;
END LOOP;`.trim(),
  { declare: 'relation text;' },
);

/** Tables, views, role and grants. */
export function schemaSteps(role: string): readonly Step[] {
  return [...migrationSteps(), ...roleSteps(role)];
}

/** From any earlier state, a docker-post database and an empty one among them, to the rows given. */
export function syncSteps(rows: DatabaseRows, role: string): readonly Step[] {
  return [...preamble, ...schemaSteps(role), ...rowSteps(rows), forgetOutsideChanges];
}

/** Before everything else, in a transaction that has just begun. */
export const preamble: readonly SqlStatement[] = [
  ...transactionSettings,
  oldServersAreRefused,
  waitForOthers,
  lockTables,
];
