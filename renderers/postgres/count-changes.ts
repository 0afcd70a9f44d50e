/** How many rows each statement of a synchronisation must change: what apply holds the database to. */
import type { DatabaseRows, DomainRow, UserRow } from '../../src/model/rows.ts';
import { userMoves } from '../../src/render/user-moves.ts';
import type { RowCounts } from './step.ts';

/**
 * Decides as the statements of row-steps.ts do. One pass over both sides, which are sorted by their keys: a
 * million users are compared in less time than they are read.
 */
export function countChanges(live: DatabaseRows, desired: DatabaseRows): RowCounts {
  const moves = userMoves(live.users, desired.users);
  const domains = compare(live.domains, desired.domains, byDomain, sameDomain);
  const users = compare(
    afterMoves(live.users, moves),
    desired.users,
    byAddress,
    sameUser,
    ({ sendAs }) => sendAs,
  );
  const aliases = compare(
    live.aliases,
    desired.aliases,
    byAddress,
    () => true,
    ({ destinations }) => destinations,
  );
  return {
    domainsInserted: domains.inserted,
    domainsUpdated: domains.updated,
    domainsDeleted: domains.deleted,
    usersMoved: moves.size,
    usersInserted: users.inserted,
    usersUpdated: users.updated,
    usersDeleted: users.deleted,
    sendAsInserted: users.partsInserted,
    sendAsDeleted: users.partsDeleted,
    aliasesInserted: aliases.partsInserted,
    aliasesDeleted: aliases.partsDeleted,
  };
}

/** True when a synchronisation would leave every row as it is. */
export function changesNothing(counts: RowCounts): boolean {
  return Object.values(counts).every((count) => count === 0);
}

type Key = Pick<UserRow, 'name' | 'domain'>;

/** The rows of send_as follow their users. */
function afterMoves(users: readonly UserRow[], moves: ReadonlyMap<string, string>): readonly UserRow[] {
  if (moves.size === 0) return users;
  const movedTo = new Map([...moves].map(([own, former]) => [former, own]));
  return users
    .map((user) => {
      const own = movedTo.get(`${user.name}@${user.domain}`);
      if (own === undefined) return user;
      const at = own.lastIndexOf('@');
      return { ...user, name: own.slice(0, at), domain: own.slice(at + 1) };
    })
    .sort(byAddress);
}

function byDomain(a: DomainRow, b: DomainRow): number {
  return a.domain < b.domain ? -1 : a.domain > b.domain ? 1 : 0;
}

function byAddress(a: Key, b: Key): number {
  if (a.domain !== b.domain) return a.domain < b.domain ? -1 : 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function sameDomain(a: DomainRow, b: DomainRow): boolean {
  return a.aliasOf === b.aliasOf && sameList(a.catchAll, b.catchAll);
}

function sameUser(a: UserRow, b: UserRow): boolean {
  return a.password === b.password && a.quota === b.quota && a.enabled === b.enabled;
}

interface Comparison {
  inserted: number;
  updated: number;
  deleted: number;
  /** Rows of another table, that belong to one of this. */
  partsInserted: number;
  partsDeleted: number;
}

function compare<Row>(
  live: readonly Row[],
  desired: readonly Row[],
  order: (a: Row, b: Row) => number,
  same: (a: Row, b: Row) => boolean,
  parts: (row: Row) => readonly string[] = () => [],
): Comparison {
  const result: Comparison = { inserted: 0, updated: 0, deleted: 0, partsInserted: 0, partsDeleted: 0 };
  for (let i = 0, j = 0; i < live.length || j < desired.length; ) {
    const [before, after] = pair(live[i], desired[j], order);
    if (before !== undefined) i++;
    if (after !== undefined) j++;
    if (before === undefined) result.inserted++;
    else if (after === undefined) result.deleted++;
    else if (!same(before, after)) result.updated++;
    const those = before === undefined ? [] : parts(before);
    const these = after === undefined ? [] : parts(after);
    if (sameList(those, these)) continue;
    result.partsInserted += without(these, those);
    result.partsDeleted += without(those, these);
  }
  return result;
}

/** The next of both where they have the same key, else the one that comes first. */
function pair<Row>(
  before: Row | undefined,
  after: Row | undefined,
  order: (a: Row, b: Row) => number,
): readonly [Row | undefined, Row | undefined] {
  if (before === undefined || after === undefined) return [before, after];
  const which = order(before, after);
  return [which <= 0 ? before : undefined, which >= 0 ? after : undefined];
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((element, index) => element === b[index]);
}

/** How many of `list` are not among `others`. */
function without(list: readonly string[], others: readonly string[]): number {
  const known = new Set(others);
  return list.filter((element) => !known.has(element)).length;
}
