/**
 * Which questions Postfix asks the database. `%s`, `%u` and `%d` are the key, its localpart and its domain,
 * quoted by Postfix; a query with `%u` or `%d` is not asked for a key that has no such part (pgsql_table(5)).
 */

import { sqlLiteral } from '../../src/render/escape/sql.ts';

interface PgsqlTable {
  /** The file is `pgsql-NAME.cf`. */
  readonly name: string;
  readonly purpose: string;
  readonly query: string;
}

/** Sorted by name. */
export const pgsqlTables: readonly PgsqlTable[] = [
  {
    name: 'catch-all',
    purpose: 'Where mail to unknown localparts of a domain goes: asked as "@example.com".',
    query: "SELECT destination FROM virtual_catch_all WHERE domain = '%d' AND '%s' = '@%d'",
  },
  {
    name: 'database',
    purpose: 'Whether the database answers: asked as "there".',
    query: "SELECT 'DUNNO' WHERE '%s' = 'there'",
  },
  {
    name: 'domains',
    purpose: 'Hosted domains.',
    query: "SELECT domain FROM virtual_domain WHERE domain = '%s'",
  },
  {
    name: 'mailboxes',
    purpose: 'Users.',
    query: "SELECT mailbox FROM virtual_mailbox WHERE name = '%u' AND domain = '%d'",
  },
  {
    name: 'own-senders',
    purpose: 'Senders whose address passes SPF from here, so that it need not be rewritten.',
    query: "SELECT 'smtp:' FROM virtual_domain WHERE domain = '%d'",
  },
  {
    name: 'routes',
    purpose: 'Aliases, and each user to itself.',
    query: "SELECT destination FROM routes_of('%u', '%d')",
  },
  {
    name: 'sender-domains',
    purpose: 'Senders that nobody may use who has not logged in.',
    // By the address: Postfix asks for it first, and then for its domain and the domains above without need.
    query: "SELECT '550 5.7.1 Log in to send from this domain' FROM virtual_domain WHERE domain = '%d'",
  },
  {
    name: 'sender-logins',
    purpose: 'Which users may send as an address.',
    query: "SELECT login FROM sender_logins_of('%u', '%d')",
  },
];

/**
 * An address that leads to disabled users only, by however many aliases and catch-alls. One that leads to others too
 * is accepted: to refuse it would punish those.
 */
export function disabledUsersTable(recipientDelimiter: string | null): PgsqlTable {
  // From the first delimiter on it is detail, unless nothing would be left.
  const withoutDetail = (name: string): string =>
    recipientDelimiter === null
      ? name
      : `left(${name}, 1) || split_part(substr(${name}, 2), ${sqlLiteral(recipientDelimiter)}, 1)`;
  // Arrays and a subquery for each end, not joins: PostgreSQL takes a function for a thousand rows, and would read all
  // users at once, or compile the query for longer than all else takes.
  return {
    name: 'disabled-users',
    purpose: 'Disabled users, for whom mail.yaml may have mail refused.',
    query: `
    WITH RECURSIVE reached (name, domain) AS (
      SELECT ${withoutDetail("'%u'")}, '%d'
      UNION
      SELECT ${withoutDetail("split_part(next.destination, '@', 1)")}, split_part(next.destination, '@', 2)
      FROM reached CROSS JOIN LATERAL unnest(coalesce(
        nullif(ARRAY(SELECT destination FROM routes_of(reached.name, reached.domain)), '{}'),
        ARRAY(SELECT destination FROM virtual_catch_all AS caught WHERE caught.domain = reached.domain)
      )) AS next (destination)
    )
    SELECT '550 5.2.1 This mailbox is disabled'
    FROM (
      SELECT
        (SELECT true FROM virtual_domain AS hosted WHERE hosted.domain = reached.domain) AS hosted,
        (
          SELECT mailbox.enabled FROM virtual_mailbox AS mailbox
          WHERE mailbox.name = reached.name AND mailbox.domain = reached.domain
        ) AS enabled
      FROM reached
    ) AS ends
    HAVING bool_and(hosted IS TRUE) AND bool_or(enabled IS FALSE) AND NOT bool_or(enabled IS TRUE)`,
  };
}
