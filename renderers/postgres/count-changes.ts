/** How many rows each statement of a synchronisation must change: what apply holds the database to. */
import type { DatabaseRows, UserRow } from '../../src/model/rows.ts';
import { userMoves } from '../../src/render/user-moves.ts';
import type { RowCounts } from './step.ts';

/** Rows of a table: the key of each, and in one text all that can differ. */
type Table = ReadonlyMap<string, string>;

/** Linear in the number of rows; decides as the statements of row-steps.ts do. */
export function countChanges(live: DatabaseRows, desired: DatabaseRows): RowCounts {
  const moves = userMoves(live.users, desired.users);
  const movedTo = new Map([...moves].map(([own, former]) => [former, own]));
  // After the moves, when the rows of send_as have followed their users.
  const standing = (user: UserRow) => movedTo.get(address(user)) ?? address(user);

  const domains = compare(domainTable(live), domainTable(desired));
  const users = compare(userTable(live, standing), userTable(desired, address));
  const sendAs = compare(sendAsTable(live, standing), sendAsTable(desired, address));
  const aliases = compare(aliasTable(live), aliasTable(desired));
  return {
    domainsInserted: domains.inserted,
    domainsUpdated: domains.updated,
    domainsDeleted: domains.deleted,
    usersMoved: moves.size,
    usersInserted: users.inserted,
    usersUpdated: users.updated,
    usersDeleted: users.deleted,
    sendAsInserted: sendAs.inserted,
    sendAsDeleted: sendAs.deleted,
    aliasesInserted: aliases.inserted,
    aliasesDeleted: aliases.deleted,
  };
}

/** True when a synchronisation would leave every row as it is. */
export function changesNothing(counts: RowCounts): boolean {
  return Object.values(counts).every((count) => count === 0);
}

function domainTable({ domains }: DatabaseRows): Table {
  return new Map(
    domains.map(({ domain, aliasOf, catchAll }) => [domain, JSON.stringify([aliasOf, catchAll])]),
  );
}

function userTable({ users }: DatabaseRows, key: (user: UserRow) => string): Table {
  return new Map(users.map((user) => [key(user), JSON.stringify([user.password, user.quota, user.enabled])]));
}

function sendAsTable({ users }: DatabaseRows, key: (user: UserRow) => string): Table {
  return new Map(users.flatMap((user) => user.sendAs.map((sender) => [`${sender}\n${key(user)}`, ''])));
}

function aliasTable({ aliases }: DatabaseRows): Table {
  return new Map(
    aliases.flatMap((alias) =>
      alias.destinations.map((destination) => [`${alias.name}@${alias.domain}\n${destination}`, '']),
    ),
  );
}

function compare(live: Table, desired: Table) {
  let common = 0;
  let updated = 0;
  for (const [key, value] of desired) {
    const standing = live.get(key);
    if (standing === undefined) continue;
    common++;
    if (standing !== value) updated++;
  }
  return { inserted: desired.size - common, updated, deleted: live.size - common };
}

function address({ name, domain }: UserRow): string {
  return `${name}@${domain}`;
}
