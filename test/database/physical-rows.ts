// The rows of a database as they lie in its files: any write and any row lock shows.

import type { ADatabase } from './databases.ts';

const tables = [
  ...['public.domains', 'public.users', 'public.alias', 'public.send_as'],
  ...['mailc.migration', 'mailc.apply', 'mailc.retired_mailbox', 'mailc.role_password'],
];

/** Definitions and grants of this database and its role; other tests have others on the same server. */
const catalogues = (role: string) => [
  `pg_authid WHERE rolname = '${role}'`,
  `pg_auth_members WHERE member = '${role}'::regrole`,
  `pg_database WHERE datname = current_database()`,
  `pg_namespace WHERE nspname IN ('public', 'mailc')`,
  ...['class.rel', 'proc.pro', 'constraint.con'].map((name) => {
    const [catalogue, prefix] = name.split('.');
    return `pg_${catalogue} WHERE ${prefix}namespace IN ('public'::regnamespace, 'mailc'::regnamespace)`;
  }),
];

/** xmax is set by deletes and locks. */
export function physicalRows({ query, role }: ADatabase): Promise<readonly Record<string, unknown>[]> {
  const selects = [...tables, ...catalogues(role)].map(
    (from) => `SELECT tableoid::regclass AS relation, ctid::text, xmin::text, xmax::text FROM ${from}`,
  );
  return query(`${selects.join(' UNION ALL ')} ORDER BY relation, ctid`);
}
