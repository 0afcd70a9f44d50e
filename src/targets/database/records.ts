/** What was applied to a database, kept in it. */
import type { ApplyRecord } from '../../apply/targets.ts';
import type { Session } from './session.ts';

export interface AppliedRecord extends ApplyRecord {
  /** True when the apply failed afterwards and took its rows back. */
  readonly undone: boolean;
}

/** Gives the record's id. */
export async function writeRecord(session: Session, record: ApplyRecord): Promise<string> {
  const { mailc, commit, dirty, planId, who, at, summary } = record;
  const { rows } = await session.query(
    `INSERT INTO mailc.apply (at, mailc, commit, dirty, plan_id, who, created, updated, deleted)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id::text`,
    [at, mailc, commit, dirty, planId, who, summary.create, summary.update, summary.delete],
  );
  return String(rows[0]?.[0]);
}

export async function markUndone(session: Session, id: string): Promise<void> {
  await session.query('UPDATE mailc.apply SET undone = true WHERE id = $1', [id]);
}

/** The latest first; empty before the first apply. */
export async function readRecords(session: Session): Promise<readonly AppliedRecord[]> {
  const { rows: there } = await session.query(`SELECT pg_catalog.to_regclass('mailc.apply') IS NOT NULL`);
  if (there[0]?.[0] !== true) return [];
  const { rows } = await session.query(`
SELECT mailc, commit, dirty, plan_id, who,
  pg_catalog.to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  created, updated, deleted, undone
FROM mailc.apply ORDER BY id DESC`);
  return rows.map(([mailc, commit, dirty, planId, who, at, create, update, remove, undone]) => ({
    mailc: String(mailc),
    commit: commit === null ? null : String(commit),
    dirty: dirty === true,
    planId: String(planId),
    who: String(who),
    at: String(at),
    summary: { create: Number(create), update: Number(update), delete: Number(remove) },
    undone: undone === true,
  }));
}
