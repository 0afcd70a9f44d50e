/**
 * Which questions Postfix asks the database. `%s`, `%u` and `%d` are the key, its localpart and its domain,
 * quoted by Postfix; a query with `%u` or `%d` is not asked for a key that has no such part (pgsql_table(5)).
 */

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
 * An address that leads to disabled users only. An alias of several, some of them enabled, is accepted: to
 * refuse it would punish those.
 */
export const disabledUsersTable: PgsqlTable = {
  name: 'disabled-users',
  purpose: 'Users that mail is refused for while they are disabled.',
  query: `
    SELECT '550 5.2.1 This mailbox is disabled'
    FROM routes_of('%u', '%d') AS route
    LEFT JOIN virtual_mailbox AS mailbox
      ON mailbox.name = split_part(route.destination, '@', 1)
      AND mailbox.domain = split_part(route.destination, '@', 2)
    HAVING bool_and(mailbox.enabled IS FALSE)`,
};
