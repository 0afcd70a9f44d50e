/** The keys under `users` and `aliases`: well-formed, at a hosted domain, each address once. */
import { quote } from '../diagnostics/quote.ts';
import { type Address, formatAddress } from '../model/address.ts';
import type { Position } from '../model/position.ts';
import { nameOf, parseAddress } from './address.ts';
import type { HostedDomains } from './domain-map.ts';
import { likeness } from './likeness.ts';
import type { Scope } from './scope.ts';

export interface AddressKey {
  /** As written. */
  readonly key: string;
  readonly address: Address;
  readonly source: Position;
}

/**
 * By formatted address, in the order of the file. A key at a wrong domain is reported and kept all the
 * same, so that what refers to it is not reported as well.
 */
export type AddressKeys = ReadonlyMap<string, AddressKey>;

/** `before` are the keys of the other map: an address is a user or an alias, not both. */
export function addressKeys(
  map: 'users' | 'aliases',
  keys: readonly string[],
  domains: HostedDomains,
  before: AddressKeys,
  scope: Scope,
): AddressKeys {
  const what = map === 'users' ? 'user' : 'alias';
  const read = new Map<string, AddressKey>();
  for (const key of keys) {
    const source = scope.at([map, key], 'key');
    const { value: address, problem } = parseAddress(key, 'hosted', scope.parseDomain);
    if (problem !== null) {
      scope.error('address-malformed', source, `${what} ${quote(key)} is malformed: ${problem}`);
      continue;
    }
    const name = nameOf(key, address);
    const twin = read.get(name);
    const user = before.get(name);
    if (twin !== undefined) {
      scope.error('duplicate-address', source, `${what} ${quote(key)} is defined twice`, {
        hint: likeness(key, twin.key),
        related: [{ message: 'first defined here', position: twin.source }],
      });
      continue;
    }
    if (user !== undefined) {
      scope.error(
        'alias-shadows-user',
        source,
        `alias ${quote(key)} is also a user, whose mail it would take`,
        {
          hint: 'remove one of the two; to forward and keep a copy, let the user\'s Sieve script "redirect :copy"',
          related: [{ message: 'the user', position: user.source }],
        },
      );
    }
    judgeDomain(what, address, domains, source, scope);
    read.set(name, { key, address, source });
  }
  return read;
}

function judgeDomain(
  what: 'user' | 'alias',
  address: Address,
  domains: HostedDomains,
  position: Position,
  scope: Scope,
): void {
  const domain = domains.get(address.domain);
  if (domain !== undefined && domain.aliasOf === null) return;
  const name = formatAddress(address);
  if (domain === undefined) {
    scope.error(
      'unknown-domain',
      position,
      `${what} "${name}" is at domain "${address.domain}", which is not under "domains"`,
      { hint: scope.suggest(address.domain, domains.keys()) },
    );
  } else {
    scope.error(
      'address-in-alias-domain',
      position,
      `${what} "${name}" is at alias domain "${domain.name}", which has the users and aliases of "${domain.aliasOf}"`,
      { hint: `write "${address.localpart}@${domain.aliasOf}"` },
    );
  }
}
