/**
 * Brings the rows of any state to those of mail.yaml: they travel into temporary tables, and a fixed number of
 * statements compares and changes whole sets. Not ON CONFLICT, which locks every row that it leaves alone
 * and so fills the write-ahead log.
 */
import type { DatabaseRows } from '../../src/model/rows.ts';
import { copyArray, copyField } from '../../src/render/escape/sql.ts';
import { splitAddress } from './split-address.ts';
import { type CopyBlock, type SqlStatement, type Step, statement } from './step.ts';

/** In the order of foreign keys: what others refer to comes first and goes last. The rows of `rows` must be printable; throws UnescapableError otherwise. */
export function rowSteps(rows: DatabaseRows): readonly Step[] {
  return [
    ...temporaryTables,
    ...copies(rows),
    insertDomains,
    updateDomains,
    moveUsers,
    deleteAliases,
    deleteSendAs,
    deleteUsers,
    updateUsers,
    insertUsers,
    insertSendAs,
    insertAliases,
    deleteDomains,
  ];
}

const temporaryTables: readonly SqlStatement[] = [
  statement(
    `CREATE TEMPORARY TABLE desired_domain (domain text, alias_of text, catch_all text[]) ON COMMIT DROP`,
    { purpose: 'the rows of mail.yaml' },
  ),
  statement(`CREATE TEMPORARY TABLE desired_user (
  name text, domain text, password text, quota bigint, enabled boolean, moved_name text, moved_domain text
) ON COMMIT DROP`),
  statement(
    `CREATE TEMPORARY TABLE desired_send_as (name text, domain text, user_name text, user_domain text) ON COMMIT DROP`,
  ),
  statement(
    `CREATE TEMPORARY TABLE desired_alias (name text, domain text, aka_name text, aka_domain text) ON COMMIT DROP`,
  ),
];

function copies(rows: DatabaseRows): readonly CopyBlock[] {
  return [
    copy('desired_domain', ['domain', 'alias_of', 'catch_all'], function* () {
      for (const { domain, aliasOf, catchAll } of rows.domains) {
        yield `${copyField(domain)}\t${copyField(aliasOf)}\t${copyArray(catchAll)}\n`;
      }
    }),
    copy(
      'desired_user',
      ['name', 'domain', 'password', 'quota', 'enabled', 'moved_name', 'moved_domain'],
      function* () {
        for (const { name, domain, password, quota, enabled, movedFrom } of rows.users) {
          yield line([name, domain, password, quota, enabled, ...splitAddress(movedFrom)]);
        }
      },
    ),
    copy('desired_send_as', ['name', 'domain', 'user_name', 'user_domain'], function* () {
      for (const user of rows.users) {
        for (const address of user.sendAs) {
          yield line([...splitAddress(address), user.name, user.domain]);
        }
      }
    }),
    copy('desired_alias', ['name', 'domain', 'aka_name', 'aka_domain'], function* () {
      for (const alias of rows.aliases) {
        for (const address of alias.destinations) {
          yield line([alias.name, alias.domain, ...splitAddress(address)]);
        }
      }
    }),
  ];
}

function copy(table: string, columns: readonly string[], lines: CopyBlock['lines']): CopyBlock {
  return { kind: 'copy', table: `pg_temp.${table}`, columns, lines };
}

function line(fields: readonly (string | number | boolean | null)[]): string {
  return `${fields.map(copyField).join('\t')}\n`;
}

const insertDomains = statement(
  `INSERT INTO public.domains (domain, alias_of, catch_all)
SELECT d.domain, d.alias_of, d.catch_all
FROM pg_temp.desired_domain AS d
WHERE NOT EXISTS (SELECT FROM public.domains AS live WHERE live.domain = d.domain)`,
  { purpose: 'the changes', counts: 'domainsInserted' },
);

const updateDomains = statement(
  `UPDATE public.domains AS live SET alias_of = d.alias_of, catch_all = d.catch_all
FROM pg_temp.desired_domain AS d
WHERE live.domain = d.domain
  AND (live.alias_of IS DISTINCT FROM d.alias_of OR live.catch_all IS DISTINCT FROM d.catch_all)`,
  { counts: 'domainsUpdated' },
);

/**
 * A user whose own address is not there yet takes over the row of the former one, and with it the mailbox,
 * unless that address is still wanted. Of two that want the same, the first by address gets it.
 */
const moveUsers = statement(
  `UPDATE public.users AS live SET name = move.name, domain = move.domain
FROM (
  SELECT DISTINCT ON (d.moved_domain, d.moved_name) d.name, d.domain, d.moved_name, d.moved_domain
  FROM pg_temp.desired_user AS d
  WHERE d.moved_name IS NOT NULL
    AND NOT EXISTS (SELECT FROM public.users AS own WHERE own.domain = d.domain AND own.name = d.name)
    AND NOT EXISTS (
      SELECT FROM pg_temp.desired_user AS other
      WHERE other.domain = d.moved_domain AND other.name = d.moved_name
    )
  ORDER BY d.moved_domain, d.moved_name, (d.name || '@' || d.domain) COLLATE "C"
) AS move
WHERE live.domain = move.moved_domain AND live.name = move.moved_name`,
  { counts: 'usersMoved' },
);

const deleteAliases = statement(
  `DELETE FROM public.alias AS live
WHERE NOT EXISTS (
  SELECT FROM pg_temp.desired_alias AS d
  WHERE d.domain = live.domain AND d.name = live.name
    AND d.aka_domain = live.aka_domain AND d.aka_name = live.aka_name
)`,
  { counts: 'aliasesDeleted' },
);

const deleteSendAs = statement(
  `DELETE FROM public.send_as AS live
WHERE NOT EXISTS (
  SELECT FROM pg_temp.desired_send_as AS d
  WHERE d.domain = live.domain AND d.name = live.name
    AND d.user_domain = live.user_domain AND d.user_name = live.user_name
)`,
  { counts: 'sendAsDeleted' },
);

/** The mail of a deleted user stays, and so does the memory of whose it is. */
const deleteUsers = statement(
  `WITH gone AS (
  DELETE FROM public.users AS live
  WHERE NOT EXISTS (
    SELECT FROM pg_temp.desired_user AS d WHERE d.domain = live.domain AND d.name = live.name
  )
  RETURNING live.name, live.domain, live.mailbox
)
INSERT INTO mailc.retired_mailbox (mailbox, name, domain)
SELECT mailbox, name, domain FROM gone
ORDER BY domain COLLATE "C", name COLLATE "C"`,
  { counts: 'usersDeleted' },
);

const updateUsers = statement(
  `UPDATE public.users AS live SET password = d.password, quota = d.quota, enabled = d.enabled
FROM pg_temp.desired_user AS d
WHERE live.domain = d.domain AND live.name = d.name
  AND (live.password <> d.password OR live.quota IS DISTINCT FROM d.quota OR live.enabled <> d.enabled)`,
  { counts: 'usersUpdated' },
);

/**
 * A new user gets the folder that a user of this address had last, else domain/name, else, where that is or was
 * somebody else's, domain/name@2 and so on. No localpart has an @, so no address ever asks for such a folder.
 */
const insertUsers = statement(
  `WITH new AS (
  SELECT d.*, d.domain || '/' || d.name AS folder
  FROM pg_temp.desired_user AS d
  WHERE NOT EXISTS (SELECT FROM public.users AS live WHERE live.domain = d.domain AND live.name = d.name)
), former AS (
  SELECT DISTINCT ON (r.domain, r.name) r.domain, r.name, r.mailbox
  FROM mailc.retired_mailbox AS r
  JOIN new ON new.domain = r.domain AND new.name = r.name
  WHERE NOT EXISTS (SELECT FROM public.users AS live WHERE live.mailbox = r.mailbox)
  ORDER BY r.domain, r.name, r.id DESC
), back_in_use AS (
  DELETE FROM mailc.retired_mailbox AS r USING former WHERE r.mailbox = former.mailbox
)
INSERT INTO public.users (name, domain, password, quota, enabled, mailbox)
SELECT new.name, new.domain, new.password, new.quota, new.enabled, coalesce(former.mailbox,
  CASE
    WHEN NOT EXISTS (SELECT FROM public.users AS live WHERE live.mailbox = new.folder COLLATE "C")
      AND NOT EXISTS (SELECT FROM mailc.retired_mailbox AS r WHERE r.mailbox = new.folder COLLATE "C")
    THEN new.folder
    ELSE new.folder || '@' || (
      SELECT 2 + pg_catalog.count(*)
      FROM (SELECT mailbox FROM public.users UNION ALL SELECT mailbox FROM mailc.retired_mailbox) AS taken
      WHERE taken.mailbox > (new.folder || '@') COLLATE "C" AND taken.mailbox < (new.folder || 'A') COLLATE "C"
    )
  END)
FROM new
LEFT JOIN former ON former.domain = new.domain AND former.name = new.name`,
  { counts: 'usersInserted' },
);

const insertSendAs = statement(
  `INSERT INTO public.send_as (name, domain, user_name, user_domain)
SELECT d.name, d.domain, d.user_name, d.user_domain
FROM pg_temp.desired_send_as AS d
WHERE NOT EXISTS (
  SELECT FROM public.send_as AS live
  WHERE live.domain = d.domain AND live.name = d.name
    AND live.user_domain = d.user_domain AND live.user_name = d.user_name
)`,
  { counts: 'sendAsInserted' },
);

const insertAliases = statement(
  `INSERT INTO public.alias (name, domain, aka_name, aka_domain)
SELECT d.name, d.domain, d.aka_name, d.aka_domain
FROM pg_temp.desired_alias AS d
WHERE NOT EXISTS (
  SELECT FROM public.alias AS live
  WHERE live.domain = d.domain AND live.name = d.name
    AND live.aka_domain = d.aka_domain AND live.aka_name = d.aka_name
)`,
  { counts: 'aliasesInserted' },
);

const deleteDomains = statement(
  `DELETE FROM public.domains AS live
WHERE NOT EXISTS (SELECT FROM pg_temp.desired_domain AS d WHERE d.domain = live.domain)`,
  { counts: 'domainsDeleted' },
);
