/** Aliases: those that are written, and postmaster@ and abuse@ of each domain that does not define them. */
import { formatAddress } from '../model/address.ts';
import type { Alias, Destination } from '../model/mail-system.ts';
import type { MailYaml } from '../model/mail-yaml.generated.ts';
import type { Position } from '../model/position.ts';
import type { AddressBook } from './address-book.ts';
import type { AddressKeys } from './address-keys.ts';
import type { HostedDomains } from './domain-map.ts';
import { readReferences } from './references.ts';
import type { Scope } from './scope.ts';

/** Who reads what is written to postmaster@ of a domain, and the line that says so. */
export interface Postmaster {
  readonly destinations: readonly Destination[];
  readonly source: Position;
}

/** RFC 2142 sections 4 and 5; postmaster@ also RFC 5321 section 4.5.1. */
const required = ['abuse', 'postmaster'] as const;

/** What is to be generated, by formatted address, with its domain: known before anybody knows where it leads. */
export function missingAliases(
  domains: HostedDomains,
  users: AddressKeys,
  aliases: AddressKeys,
): ReadonlyMap<string, Alias['address']> {
  const missing = new Map<string, Alias['address']>();
  for (const { name: domain, aliasOf } of domains.values()) {
    if (aliasOf !== null) continue;
    for (const localpart of required) {
      const name = `${localpart}@${domain}`;
      if (!users.has(name) && !aliases.has(name)) missing.set(name, { localpart, domain });
    }
  }
  return missing;
}

/** In the order of the file. */
export function writtenAliases(
  config: MailYaml,
  keys: AddressKeys,
  book: AddressBook,
  scope: Scope,
): readonly Alias[] {
  return [...keys.values()].map(({ key, address, source }) => {
    const pointer = { subject: () => `alias "${formatAddress(address)}" points to`, path: ['aliases', key] };
    const destinations = readReferences(config.aliases?.[key] ?? [], pointer, book, scope);
    return { address, destinations, origin: 'written', source };
  });
}

/** In no order. `postmasters` by domain; a domain without one was reported. */
export function generatedAliases(
  missing: ReturnType<typeof missingAliases>,
  postmasters: ReadonlyMap<string, Postmaster>,
): readonly Alias[] {
  return [...missing.values()].flatMap((address): Alias[] => {
    const postmaster = postmasters.get(address.domain);
    return postmaster === undefined ? [] : [{ address, origin: 'generated', ...postmaster }];
  });
}
