/** Reads the rows of a database as it is: empty, docker-post's own, or one that mailc has migrated. */
import { schemaVersion } from '../../../renderers/postgres/migrations.ts';
import type { LiveDatabase } from '../../apply/targets.ts';
import { error } from '../../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../../diagnostics/diagnostic-error.ts';
import type { AliasRow, DomainRow, UserRow } from '../../model/rows.ts';
import { outsideChangesOf, selectOutsideChanges } from './outside-changes.ts';
import type { QueryResult, Session } from './session.ts';

/**
 * Within the transaction that is open, if one is. Linear in the number of rows. Throws DiagnosticError when the
 * tables are not docker-post's at all.
 */
export async function readDatabase(session: Session, name: string): Promise<LiveDatabase> {
  const columns = await readColumns(session);
  for (const [table, needed] of Object.entries(dockerPostColumns)) {
    const there = columns.get(table);
    const missing = there === undefined ? undefined : needed.find((column) => !there.has(column));
    if (missing !== undefined) {
      const what = `${name}: table "${table}" has no column "${missing}", so it belongs to something else`;
      throw new DiagnosticError(error('database-foreign', null, what));
    }
  }
  const results = await session.queryEach(selects(columns));
  const [domains = none, users = none, sendAs = none, aliases = none, version = none, drift = none] = results;
  return {
    rows: {
      domains: sorted(domains, [0]).map(domainRow),
      users: userRows(sorted(users, [1, 0]), addressesByUser(sorted(sendAs, [2, 1]))),
      aliases: aliasRows(sorted(aliases, [1, 0, 3, 2])),
    },
    schemaVersion: knownVersion(version),
    drift: outsideChangesOf(drift),
  };
}

const none: QueryResult = { rows: [], affected: 0 };

type Rows = QueryResult['rows'];

/** Names of columns, by table as a statement would name it. */
type Columns = ReadonlyMap<string, ReadonlySet<string>>;

const dockerPostColumns: Readonly<Record<string, readonly string[]>> = {
  alias: ['name', 'domain', 'aka_name', 'aka_domain'],
  domains: ['domain'],
  users: ['name', 'domain', 'password'],
};

async function readColumns(session: Session): Promise<Columns> {
  const { rows } = await session.query(`
SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname, a.attname
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
WHERE (n.nspname = 'public' AND c.relname IN ('alias', 'domains', 'users', 'send_as')
    OR n.nspname = 'mailc' AND c.relname IN ('migration', 'outside_change'))
  AND a.attnum > 0 AND NOT a.attisdropped`);
  const columns = new Map<string, Set<string>>();
  for (const [table, column] of rows) {
    const known = columns.get(String(table)) ?? new Set();
    columns.set(String(table), known.add(String(column)));
  }
  return columns;
}

/**
 * What readDatabase wants to know, in its order, as one request: over a network each costs more than its answer.
 * A table that is not there has no rows.
 */
function selects(columns: Columns): readonly string[] {
  const has = (table: string, column: string) => columns.get(table)?.has(column) === true;
  const select = (table: string, query: string) => (columns.has(table) ? query : 'SELECT WHERE false');
  return [
    select(
      'domains',
      `SELECT domain, ${has('domains', 'catch_all') ? 'alias_of, catch_all' : "NULL::text, '{}'::text[]"}
FROM public.domains ORDER BY domain COLLATE "C"`,
    ),
    // docker-post let users be without a domain.
    select(
      'users',
      `SELECT name, coalesce(domain, ''), password, ${has('users', 'enabled') ? 'quota, enabled' : 'NULL, true'}
FROM public.users ORDER BY domain COLLATE "C", name COLLATE "C"`,
    ),
    select(
      'send_as',
      `SELECT user_name || '@' || user_domain, name, domain
FROM public.send_as ORDER BY domain COLLATE "C", name COLLATE "C"`,
    ),
    select(
      'alias',
      `SELECT name, domain, aka_name, aka_domain
FROM public.alias ORDER BY domain COLLATE "C", name COLLATE "C", aka_domain COLLATE "C", aka_name COLLATE "C"`,
    ),
    select('mailc.migration', 'SELECT coalesce(max(number), 0) FROM mailc.migration'),
    select('mailc.outside_change', selectOutsideChanges),
  ];
}

function knownVersion({ rows }: QueryResult): number {
  const version = Number(rows[0]?.[0] ?? 0);
  if (version > schemaVersion) {
    const message = `the database is at version ${version} of its tables, and this mailc knows ${schemaVersion}`;
    throw new DiagnosticError(error('database-too-new', null, message));
  }
  return version;
}

function domainRow([domain, aliasOf, catchAll]: readonly unknown[]): DomainRow {
  return {
    domain: String(domain),
    aliasOf: aliasOf === null ? null : String(aliasOf),
    catchAll: catchAll as readonly string[],
    source: null,
  };
}

/** Users without a domain can share a name; one row stands for them all, since all will be deleted. */
function userRows(rows: Rows, sendAs: ReadonlyMap<string, readonly string[]>): readonly UserRow[] {
  const users = new Map<string, UserRow>();
  for (const [name, domain, password, quota, enabled] of rows) {
    const address = `${String(name)}@${String(domain)}`;
    users.set(address, {
      name: String(name),
      domain: String(domain),
      password: String(password),
      quota: quota === null ? null : Number(quota),
      enabled: enabled === true,
      sendAs: sendAs.get(address) ?? [],
      movedFrom: null,
      source: null,
    });
  }
  return [...users.values()];
}

function aliasRows(rows: Rows): readonly AliasRow[] {
  const aliases: (AliasRow & { readonly destinations: string[] })[] = [];
  for (const [name, domain, akaName, akaDomain] of rows) {
    const destination = `${String(akaName)}@${String(akaDomain)}`;
    const last = aliases[aliases.length - 1];
    if (last !== undefined && last.name === name && last.domain === domain) {
      last.destinations.push(destination);
    } else {
      aliases.push({ name: String(name), domain: String(domain), destinations: [destination], source: null });
    }
  }
  return aliases;
}

function addressesByUser(rows: Rows): ReadonlyMap<string, readonly string[]> {
  const addresses = new Map<string, string[]>();
  for (const [user, name, domain] of rows) {
    const address = `${String(name)}@${String(domain)}`;
    const those = addresses.get(String(user));
    if (those === undefined) addresses.set(String(user), [address]);
    else those.push(address);
  }
  return addresses;
}

/**
 * By these columns, as code units. The server has sorted by code points, which is the same but for characters
 * beyond U+FFFF, so that this takes one pass.
 */
function sorted({ rows }: QueryResult, columns: readonly number[]): Rows {
  return [...rows].sort((a, b) => {
    for (const column of columns) {
      const [left, right] = [String(a[column]), String(b[column])];
      if (left !== right) return left < right ? -1 : 1;
    }
    return 0;
  });
}
