/** What a database remembers of changes that others than mailc made to its rows: read, forgotten, put back. */
import { forgetOutsideChanges } from '../../../renderers/postgres/outside-changes.ts';
import { aliasResource, domainResource, userResource } from '../../diff/resources.ts';
import type { Drift, Resource } from '../../model/plan.ts';
import type { QueryResult, Session } from './session.ts';

/** For {@link outsideChangesOf}; the table must be there. */
export const selectOutsideChanges = `SELECT kind, address, pg_catalog.to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  who, client, application, before::text
FROM mailc.outside_change`;

/** By address of a resource. */
export function outsideChangesOf({ rows }: QueryResult): ReadonlyMap<string, Drift> {
  return new Map(
    rows.map(([kind, address, at, who, client, application, before]) => {
      const from = [
        ...(typeof client === 'string' ? [`from ${client}`] : []),
        ...(application === '' ? [] : [`with ${String(application)}`]),
      ];
      const drift = {
        by: [`role ${String(who)}`, ...from].join(' '),
        at: String(at),
        applied: typeof before === 'string' ? attributesOf(String(kind), String(address), before) : null,
      };
      return [`${String(kind)}/${String(address)}`, drift];
    }),
  );
}

/** What was there, as json: spelled as the triggers of the database write it. */
interface Before {
  readonly alias_of: string | null;
  readonly catch_all: readonly string[];
  readonly password: string;
  readonly quota: number | null;
  readonly enabled: boolean;
  readonly send_as: readonly string[];
  readonly destinations: readonly string[];
}

function attributesOf(kind: string, address: string, json: string): Resource['attributes'] {
  const before = JSON.parse(json) as Before;
  const at = address.lastIndexOf('@');
  const key = { name: address.slice(0, at), domain: address.slice(at + 1), source: null };
  if (kind === 'domain') {
    const { alias_of: aliasOf, catch_all: catchAll } = before;
    return domainResource({ domain: address, aliasOf, catchAll, source: null }).attributes;
  }
  if (kind === 'alias') return aliasResource({ ...key, destinations: before.destinations }).attributes;
  const { password, quota, enabled, send_as: sendAs } = before;
  return userResource({ ...key, password, quota, enabled, sendAs, movedFrom: null }).attributes;
}

/** Gives what was remembered, for {@link putBackOutsideChanges}; it holds password hashes. */
export async function takeOutsideChanges(session: Session): Promise<readonly string[]> {
  const { rows } = await session.query(
    `${forgetOutsideChanges.text} RETURNING pg_catalog.to_jsonb(outside_change)::text`,
  );
  return rows.map(([json]) => String(json));
}

/** After an apply that failed: what it had put right is as somebody made it again. */
export async function putBackOutsideChanges(session: Session, changes: readonly string[]): Promise<void> {
  if (changes.length === 0) return;
  await session.query(
    `INSERT INTO mailc.outside_change
SELECT * FROM pg_catalog.jsonb_populate_recordset(NULL::mailc.outside_change, $1::jsonb)`,
    [`[${changes.join()}]`],
  );
}
