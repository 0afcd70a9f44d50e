/** Where mail goes and who may send as what, worked out from database rows alone: the live side has no more. */
import type { MailSettings } from '../model/mail-system.ts';
import type { AliasRow, DatabaseRows, DomainRow, UserRow } from '../model/rows.ts';
import { type AddressBook, lookUp } from '../resolve/address-book.ts';

/** The settings that mail flow depends on; a live database does not hold them. */
export type MailRules = Pick<MailSettings, 'disabledUsers' | 'recipientDelimiter'>;

export interface MailFlow {
  readonly domains: ReadonlyMap<string, DomainRow>;
  /** By address. */
  readonly users: ReadonlyMap<string, UserRow>;
  /** By address. */
  readonly aliases: ReadonlyMap<string, AliasRow>;
  /**
   * Where mail to an address ends: users that store it and addresses elsewhere, sorted; none where it is
   * refused. `@example.com` stands for every localpart that the domain does not know.
   */
  readonly route: (address: string) => readonly string[];
  /**
   * The addresses that each user may use as MAIL FROM, without those in alias domains, which follow. A user's
   * own address comes first.
   */
  readonly senders: () => ReadonlyMap<string, ReadonlySet<string>>;
}

export function mailFlow(rows: DatabaseRows, rules: MailRules): MailFlow {
  const domains = new Map(rows.domains.map((row) => [row.domain, row]));
  const users = new Map(rows.users.map((row) => [`${row.name}@${row.domain}`, row]));
  const aliases = new Map(rows.aliases.map((row) => [`${row.name}@${row.domain}`, row]));
  const book: AddressBook = {
    users,
    aliases,
    domains: new Map(rows.domains.map(({ domain, aliasOf }) => [domain, aliasOf ?? domain])),
    catchAlls: new Set(rows.domains.filter((row) => row.catchAll.length > 0).map((row) => row.domain)),
    recipientDelimiter: rules.recipientDelimiter,
  };
  const routes = new Map<string, readonly string[]>();

  /** One step: the addresses that this one stands for, or itself where mail ends. */
  const step = (address: string): readonly string[] => {
    const [localpart, domain] = splitAddress(address);
    const { kind, name } = lookUp(book, { localpart, domain });
    if (kind === 'user' || kind === 'external') return [name];
    const next = kind === 'alias' ? aliases.get(name)?.destinations : domains.get(name)?.catchAll;
    // Mail that comes back to an address without a mailbox gets no further.
    return kind === 'nobody' ? [] : (next ?? []).filter((to) => to !== address);
  };
  // Postfix refuses a recipient whose mail disabled users alone would get.
  const isRefused = (ends: readonly string[]): boolean =>
    rules.disabledUsers === 'refuse' && ends.every((end) => users.get(end)?.enabled === false);

  return {
    domains,
    users,
    aliases,
    route: (address) => {
      const ends = follow(address, step, routes);
      return isRefused(ends) ? [] : ends;
    },
    senders: () => sendersOf({ ...book, recipientDelimiter: null }, users, aliases),
  };
}

interface Followed {
  readonly address: string;
  readonly next: readonly string[];
  /** How many of `next` were looked at. */
  seen: number;
  /** The order in which it was met. */
  readonly met: number;
  /** The earliest address met that this one leads back to. */
  back: number;
}

/**
 * Follows every step to its end, without recursion: a chain may be as long as the file. Addresses that lead
 * to each other in a circle share one route (Tarjan's strongly connected components), so the order in which
 * they are asked for does not matter.
 */
function follow(
  start: string,
  step: (address: string) => readonly string[],
  routes: Map<string, readonly string[]>,
): readonly string[] {
  const known = routes.get(start);
  if (known !== undefined) return known;
  const open = new Map<string, Followed>();
  const meet = (address: string): Followed => {
    const followed = { address, next: step(address), seen: 0, met: open.size, back: open.size };
    open.set(address, followed);
    return followed;
  };
  const unfinished: Followed[] = [];
  const path = [meet(start)];
  for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
    const follower = at.next[at.seen++];
    if (follower === undefined) {
      path.pop();
      unfinished.push(at);
      const parent = path.at(-1);
      if (parent !== undefined) parent.back = Math.min(parent.back, at.back);
      if (at.back === at.met) settle(takeFrom(unfinished, at.met), routes);
    } else if (follower !== at.address && !routes.has(follower)) {
      const met = open.get(follower);
      if (met === undefined) path.push(meet(follower));
      else at.back = Math.min(at.back, met.met);
    }
  }
  return routes.get(start) ?? [];
}

/** The last ones that were met at `met` or later: a circle, or an address alone. */
function takeFrom(unfinished: Followed[], met: number): readonly Followed[] {
  let first = unfinished.length;
  while (first > 0 && (unfinished[first - 1]?.met ?? -1) >= met) first--;
  return unfinished.splice(first);
}

function settle(circle: readonly Followed[], routes: Map<string, readonly string[]>): void {
  const [one] = circle;
  const [only] = one?.next ?? [];
  // One destination shares its list: a long chain of aliases costs no more than its links.
  const shared = circle.length === 1 && one?.next.length === 1 && only !== one.address && only !== undefined;
  const ends = shared ? (routes.get(only) ?? []) : union(circle, routes);
  for (const { address } of circle) routes.set(address, ends);
}

function union(
  circle: readonly Followed[],
  routes: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const found = new Set<string>();
  for (const { address, next } of circle) {
    for (const follower of next) {
      if (follower === address) found.add(address);
      else for (const end of routes.get(follower) ?? []) found.add(end);
    }
  }
  return [...found].sort();
}

/** An alias to a detail such as bob+lists@ is no second name of bob, so the book comes without delimiter. */
function sendersOf(
  book: AddressBook,
  users: MailFlow['users'],
  aliases: MailFlow['aliases'],
): ReadonlyMap<string, ReadonlySet<string>> {
  const addresses = new Map<string, Set<string>>();
  for (const [address, user] of users) addresses.set(address, new Set([address, ...user.sendAs]));
  for (const [address, alias] of aliases) {
    const [only] = alias.destinations;
    if (only === undefined || alias.destinations.length > 1) continue;
    const [localpart, domain] = splitAddress(only);
    const { kind, name } = lookUp(book, { localpart, domain });
    if (kind === 'user') addresses.get(name)?.add(address);
  }
  return addresses;
}

export function splitAddress(address: string): readonly [localpart: string, domain: string] {
  const at = address.lastIndexOf('@');
  return [address.slice(0, at), address.slice(at + 1)];
}
