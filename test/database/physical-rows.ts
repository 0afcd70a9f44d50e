// The rows of a database as they lie in its files: any write and any row lock shows.

import type { ADatabase } from './databases.ts';

const tables = [
  ...['public.domains', 'public.users', 'public.alias', 'public.send_as'],
  ...['mailc.migration', 'mailc.apply', 'mailc.retired_mailbox', 'mailc.role_password'],
  ...['pg_authid', 'pg_auth_members', 'pg_database', 'pg_namespace', 'pg_proc', 'pg_constraint'],
];

/** Of the tables, roles and definitions; xmax is set by deletes and locks. */
export function physicalRows(database: ADatabase): Promise<readonly Record<string, unknown>[]> {
  const selects = tables.map(
    (table) => `SELECT '${table}' AS relation, ctid::text, xmin::text, xmax::text FROM ${table}`,
  );
  // Grants stand here. Only those of mailc's relations: a temporary one of somebody else may come and go.
  selects.push(`SELECT relname, ctid::text, xmin::text, xmax::text FROM pg_class
    WHERE relnamespace IN ('public'::regnamespace, 'mailc'::regnamespace)`);
  return database.query(`${selects.join(' UNION ALL ')} ORDER BY relation, ctid`);
}
