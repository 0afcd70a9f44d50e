/** Answers what an address is to this system: the one place that knows alias domains, details and catch-alls. */
import { type Address, formatAddress } from '../model/address.ts';
import type { Destination } from '../model/mail-system.ts';

/** Addresses are keyed as `localpart@domain`, domains as A-labels. */
export interface AddressBook {
  readonly users: Names;
  readonly aliases: Names;
  /** Each hosted domain with the domain whose users and aliases it has: its own name, or that of `alias_of`. */
  readonly domains: ReadonlyMap<string, string>;
  /** Domains, by their own names, that have a catch-all. */
  readonly catchAlls: { has(domain: string): boolean };
  readonly recipientDelimiter: string | null;
}

/** A set, or the keys of a map. */
interface Names {
  has(address: string): boolean;
  keys(): Iterable<string>;
}

export interface Entry {
  readonly kind: Destination['kind'] | 'nobody';
  /**
   * The user or alias, keyed as above; the domain with the catch-all, its alias domains put back to it;
   * the address itself if it is elsewhere or nobody's.
   */
  readonly name: string;
}

/**
 * As Postfix looks recipients up: the whole address before the one without detail (virtual(5), "ADDRESS
 * EXTENSION"), users and aliases before the catch-all. `formatted` is the address as text, where the caller has it already.
 */
export function lookUp(book: AddressBook, address: Address, formatted?: string): Entry {
  const domain = book.domains.get(address.domain);
  if (domain === undefined) return { kind: 'external', name: formatted ?? formatAddress(address) };
  const own = domain === address.domain && formatted !== undefined;
  const whole = own ? formatted : `${address.localpart}@${domain}`;
  const base = withoutDetail(address.localpart, book.recipientDelimiter);
  const entry = named(book, whole) ?? (base === address.localpart ? null : named(book, `${base}@${domain}`));
  if (entry !== null) return entry;
  if (book.catchAlls.has(domain)) return { kind: 'catch-all', name: domain };
  return { kind: 'nobody', name: whole };
}

function named(book: AddressBook, name: string): Entry | null {
  if (book.users.has(name)) return { kind: 'user', name };
  return book.aliases.has(name) ? { kind: 'alias', name } : null;
}

/** `bob+news` is `bob`: everything from the first delimiter on is detail, unless nothing would be left. */
function withoutDetail(localpart: string, delimiter: string | null): string {
  if (delimiter === null) return localpart;
  const at = localpart.indexOf(delimiter);
  return at > 0 ? localpart.slice(0, at) : localpart;
}
