/** Follows a message through the system on paper: the oracle for what Postfix and the database's views do. */
import { type Address, compareAddresses, formatAddress } from '../model/address.ts';
import type { MailSystem, User } from '../model/mail-system.ts';
import { lookUp } from '../resolve/address-book.ts';
import { addressBookOf } from './address-book-of.ts';

/** Where a message to one address ends. Nowhere at all means that the recipient is unknown, and refused. */
export interface Route {
  /** Users whose mailboxes get it; sorted. */
  readonly users: readonly Address[];
  /** Addresses of other systems that it is sent on to; sorted. */
  readonly external: readonly Address[];
  /** Whether it is refused because disabled users alone would get it (`mail.disabledUsers`). */
  readonly refused: boolean;
}

/**
 * Where a message to `address` ends, as Postfix expands recipients (virtual(5)): users and aliases before
 * the catch-all, the whole address before the one without detail, alias domains by the names of their domain,
 * aliases of aliases to the end, and each destination once.
 */
export function route(system: MailSystem, address: Address): Route {
  return routerOf(system)(address);
}

/** For many addresses of one system: what {@link route} looks up is gathered once. */
export function routerOf(system: MailSystem): (address: Address) => Route {
  const book = addressBookOf(system);
  const users = new Map(system.users.map((user) => [formatAddress(user.address), user]));
  const aliases = new Map(
    system.aliases.map(({ address, destinations }) => [
      formatAddress(address),
      destinations.map((destination) => destination.address),
    ]),
  );
  const catchAlls = new Map(system.domains.map(({ name, catchAll }) => [name, catchAll]));
  return (address) => {
    const reached = new Map<string, User>();
    const external = new Map<string, Address>();
    const expanded = new Set<string>();
    const pending: Address[] = [address];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { kind, name } = lookUp(book, next);
      if (kind === 'external') {
        external.set(name, next);
        continue;
      }
      const user = users.get(name);
      if (user !== undefined) reached.set(name, user);
      // A domain's name has no @, so that a catch-all and an alias cannot be taken for each other.
      if (expanded.has(name)) continue;
      expanded.add(name);
      if (kind === 'alias') pending.push(...(aliases.get(name) ?? []));
      if (kind === 'catch-all') pending.push(...(catchAlls.get(name) ?? []));
    }
    const mailboxes = [...reached.values()];
    return {
      users: mailboxes.map((user) => user.address).sort(compareAddresses),
      external: [...external.values()].sort(compareAddresses),
      refused:
        system.mail.disabledUsers === 'refuse' &&
        external.size === 0 &&
        mailboxes.length > 0 &&
        mailboxes.every(({ enabled }) => !enabled),
    };
  };
}
