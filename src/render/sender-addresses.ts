/** Who may send as what: the oracle for the view that Postfix compares MAIL FROM with. */
import { type Address, formatAddress } from '../model/address.ts';
import type { MailSystem } from '../model/mail-system.ts';
import { lookUp } from '../resolve/address-book.ts';
import { addressBookOf } from './address-book-of.ts';

/**
 * By address, the users that may send as it, sorted: the user whose own address it is, the users that list it
 * under `send_as`, and the user that is the only destination of the alias; all that in alias domains too.
 * Addresses with a detail are not listed: Postfix asks for the one without (virtual(5)).
 */
export function senderAddresses(system: MailSystem): ReadonlyMap<string, readonly string[]> {
  const aliasDomains = new Map<string, string[]>();
  for (const { name, aliasOf } of system.domains) {
    if (aliasOf !== null) aliasDomains.set(aliasOf, [...(aliasDomains.get(aliasOf) ?? []), name]);
  }
  const senders = new Map<string, Set<string>>();
  const allow = ({ localpart, domain }: Address, user: string) => {
    for (const name of [domain, ...(aliasDomains.get(domain) ?? [])]) {
      const address = `${localpart}@${name}`;
      const users = senders.get(address);
      if (users === undefined) senders.set(address, new Set([user]));
      else users.add(user);
    }
  };
  for (const { address, sendAs } of system.users) {
    for (const sender of [address, ...sendAs]) allow(sender, formatAddress(address));
  }
  // Without delimiter: an alias to a detail such as bob+lists@ files mail, it is no second name of bob.
  const book = { ...addressBookOf(system), recipientDelimiter: null };
  for (const { address, destinations } of system.aliases) {
    const [only, ...others] = destinations;
    if (only === undefined || others.length > 0) continue;
    const { kind, name } = lookUp(book, only.address);
    if (kind === 'user') allow(address, name);
  }
  return new Map([...senders].map(([address, users]) => [address, [...users].sort()]));
}
