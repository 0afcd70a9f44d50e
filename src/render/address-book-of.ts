/** The address book of a complete system, for everything that follows mail through it. */
import { formatAddress } from '../model/address.ts';
import type { MailSystem } from '../model/mail-system.ts';
import type { AddressBook } from '../resolve/address-book.ts';

export function addressBookOf(system: MailSystem): AddressBook {
  return {
    users: new Set(system.users.map(({ address }) => formatAddress(address))),
    aliases: new Set(system.aliases.map(({ address }) => formatAddress(address))),
    domains: new Map(system.domains.map(({ name, aliasOf }) => [name, aliasOf ?? name])),
    catchAlls: new Set(system.domains.filter(({ catchAll }) => catchAll.length > 0).map(({ name }) => name)),
    recipientDelimiter: system.mail.recipientDelimiter,
  };
}
