/** Where mail goes and who may send as what, worked out from database rows alone: the live side has no more. */
import type { AliasRow, DatabaseRows, DomainRow, UserRow } from '../model/rows.ts';

/** What happens to mail for a user with `enabled: false`. */
export type DisabledUsers = 'accept' | 'refuse';

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

export function mailFlow(rows: DatabaseRows, disabledUsers: DisabledUsers): MailFlow {
  const domains = new Map(rows.domains.map((row) => [row.domain, row]));
  const users = new Map(rows.users.map((row) => [`${row.name}@${row.domain}`, row]));
  const aliases = new Map(rows.aliases.map((row) => [`${row.name}@${row.domain}`, row]));
  const routes = new Map<string, readonly string[]>();

  /** One step: the addresses that this one stands for, or itself where it ends. */
  const step = (address: string): readonly string[] => {
    const [localpart, name] = splitAddress(address);
    const domain = domains.get(name);
    if (domain === undefined) return [address];
    const destinations = aliases.get(address)?.destinations ?? [];
    const user = users.get(address);
    if (user !== undefined)
      return user.enabled || disabledUsers === 'accept' ? [address, ...destinations] : destinations;
    if (destinations.length > 0) return destinations;
    return domain.aliasOf === null ? domain.catchAll : [`${localpart}@${domain.aliasOf}`];
  };

  return {
    domains,
    users,
    aliases,
    route: (address) => follow(address, step, routes),
    senders: () => senders(domains, users, aliases),
  };
}

/**
 * Follows every step to its end, without recursion: a chain may be as long as the file. What leads back to
 * an address that is still being followed adds nothing to it.
 */
function follow(
  start: string,
  step: (address: string) => readonly string[],
  routes: Map<string, readonly string[]>,
): readonly string[] {
  const open = new Set<string>();
  const stack = [start];
  for (let address = stack.at(-1); address !== undefined; address = stack.at(-1)) {
    const next = routes.has(address) ? [] : step(address);
    if (!routes.has(address) && !open.has(address)) {
      open.add(address);
      for (const follower of next) {
        if (follower !== address && !routes.has(follower) && !open.has(follower)) stack.push(follower);
      }
      if (stack.at(-1) !== address) continue;
    }
    if (!routes.has(address)) routes.set(address, ends(address, next, routes));
    stack.pop();
  }
  return routes.get(start) ?? [];
}

function ends(
  address: string,
  next: readonly string[],
  routes: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const [only] = next;
  // One destination shares its list: a long chain of aliases costs no more than its links.
  if (next.length === 1 && only !== undefined && only !== address) return routes.get(only) ?? [];
  const found = new Set<string>();
  for (const follower of next) {
    if (follower === address) found.add(address);
    else for (const end of routes.get(follower) ?? []) found.add(end);
  }
  return [...found].sort();
}

function senders(
  domains: MailFlow['domains'],
  users: MailFlow['users'],
  aliases: MailFlow['aliases'],
): ReadonlyMap<string, ReadonlySet<string>> {
  const addresses = new Map<string, Set<string>>();
  for (const [address, user] of users) addresses.set(address, new Set([address, ...user.sendAs]));
  for (const [address, alias] of aliases) {
    const [only] = alias.destinations;
    if (only === undefined || alias.destinations.length > 1) continue;
    const [localpart, name] = splitAddress(only);
    const login = users.has(only) ? only : `${localpart}@${domains.get(name)?.aliasOf ?? name}`;
    addresses.get(login)?.add(address);
  }
  return addresses;
}

export function splitAddress(address: string): readonly [localpart: string, domain: string] {
  const at = address.lastIndexOf('@');
  return [address.slice(0, at), address.slice(at + 1)];
}
