// Everything that a database consists of but its rows, as text that two databases can be compared by. pg_dump
// says the same, but cannot be run on the embedded database.

import type { ADatabase } from './databases.ts';

/** Names of roles that differ from one test database to the next are put as ROLE. */
export async function definitions({ query, role }: ADatabase): Promise<readonly string[]> {
  const rows = await query(`
    SELECT 'column ' || attrelid::regclass || ' ' || attnum || ' ' || attname || ' '
        || format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' not null' ELSE '' END
        || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
        || coalesce(' collate ' || nullif(attcollation, 0)::regcollation, '') AS definition
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
    WHERE c.relnamespace IN ('public'::regnamespace, 'mailc'::regnamespace) AND attnum > 0 AND c.relkind IN ('r', 'v')
    UNION ALL
    SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace IN ('public'::regnamespace, 'mailc'::regnamespace)
    UNION ALL
    SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname IN ('public', 'mailc')
    UNION ALL
    SELECT 'view ' || viewname || pg_get_viewdef((schemaname || '.' || viewname)::regclass)
    FROM pg_views WHERE schemaname IN ('public', 'mailc')
    UNION ALL
    SELECT 'function ' || pg_get_functiondef(oid) || coalesce(proacl::text, '')
    FROM pg_proc WHERE pronamespace IN ('public'::regnamespace, 'mailc'::regnamespace)
    UNION ALL
    SELECT 'grants on ' || oid::regclass || ' '
        || coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))::text
    FROM pg_class
    WHERE relnamespace IN ('public'::regnamespace, 'mailc'::regnamespace) AND relkind IN ('r', 'v', 'S')
    UNION ALL
    SELECT 'grants on schema ' || nspname || ' ' || coalesce(nspacl::text, '') FROM pg_namespace
    WHERE nspname IN ('public', 'mailc')
    UNION ALL
    SELECT 'grants on database ' || coalesce(datacl::text, '') FROM pg_database WHERE datname = current_database()
    UNION ALL
    SELECT 'role ' || (to_jsonb(r) - 'oid' - 'rolname' - 'rolpassword')::text FROM pg_roles r WHERE rolname = '${role}'
    UNION ALL
    SELECT 'migration ' || number || ' ' || title FROM mailc.migration
    ORDER BY 1`);
  return rows.map(({ definition }) => String(definition).replaceAll(role, 'ROLE'));
}
