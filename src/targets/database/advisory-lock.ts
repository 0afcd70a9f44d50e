/** One apply at a time on a server: an advisory lock, which ends with the connection at the latest. */
import { lockKey } from '../../../renderers/postgres/sync-steps.ts';
import type { LockAttempt } from '../../apply/targets.ts';
import type { Session } from './session.ts';

/** Held until released or disconnected. sync.sql, run by psql, waits for it. */
export async function takeAdvisoryLock(session: Session): Promise<LockAttempt> {
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
