/** The rows that a mail system wants in its database; sync.sql and the plan are both made from them. */
import { formatAddress } from '../model/address.ts';
import type { MailSystem } from '../model/mail-system.ts';
import type { DatabaseRows } from '../model/rows.ts';

export function rowsOf(system: MailSystem): DatabaseRows {
  return {
    domains: system.domains.map((domain) => ({
      domain: domain.name,
      aliasOf: domain.aliasOf,
      catchAll: domain.catchAll.map(formatAddress),
      source: domain.source,
    })),
    users: system.users.map((user) => ({
      name: user.address.localpart,
      domain: user.address.domain,
      password: user.passwordHash,
      quota: user.quota,
      enabled: user.enabled,
      sendAs: user.sendAs.map(formatAddress),
      movedFrom: user.movedFrom && formatAddress(user.movedFrom),
      source: user.source,
    })),
    aliases: system.aliases.map((alias) => ({
      name: alias.address.localpart,
      domain: alias.address.domain,
      destinations: alias.destinations.map((destination) => formatAddress(destination.address)),
      source: alias.source,
    })),
  };
}
