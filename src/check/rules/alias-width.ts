/** The rule that Postfix can expand every alias. */
import { error } from '../../diagnostics/diagnostic.ts';
import { formatAddress } from '../../model/address.ts';
import type { Alias, MailSystem } from '../../model/mail-system.ts';
import { addressBookOf } from '../../render/address-book-of.ts';
import { aliasExpansionLimit } from '../../render/alias-expansion-limit.ts';
import { routerOf } from '../../render/route.ts';
import { lookUp } from '../../resolve/address-book.ts';
import type { Rule } from '../rule.ts';

export const noAliasLeadsToTooManyAddresses: Rule = (system) => {
  const candidates = wideAliases(system);
  if (candidates.length === 0) return [];
  const routeTo = routerOf(system);
  return candidates.flatMap(({ address, source }) => {
    const { users, external } = routeTo(address);
    const reached = users.length + external.length;
    if (reached <= aliasExpansionLimit) return [];
    const message = `alias "${formatAddress(address)}" leads to ${reached} addresses; ${aliasExpansionLimit} are the most`;
    return [
      error('alias-too-wide', source, message, {
        hint: 'use a mailing list: it can also keep strangers from writing to all',
      }),
    ];
  });
};

/** Those that may be too wide: counted without regard to who is reached twice, since that is linear. */
function wideAliases(system: MailSystem): readonly Alias[] {
  const isPlain = ({ destinations }: Alias) =>
    destinations.length <= aliasExpansionLimit && destinations.every(({ kind }) => kind !== 'alias');
  if (system.aliases.every(isPlain)) return [];
  const book = addressBookOf(system);
  const aliases = new Map(system.aliases.map((alias) => [formatAddress(alias.address), alias]));
  const nextOf = (alias: Alias): readonly Alias[] =>
    alias.destinations.flatMap(({ address, kind }) =>
      kind === 'alias' ? (aliases.get(lookUp(book, address).name) ?? []) : [],
    );
  const widths = new Map<Alias, number>();
  for (const start of system.aliases) {
    const pending = [start];
    for (let alias = pending.at(-1); alias !== undefined; alias = pending.at(-1)) {
      const next = nextOf(alias);
      // A first visit counts the alias as nothing, which also ends cycles, and comes back for the sum.
      const isFirst = !widths.has(alias);
      if (isFirst) widths.set(alias, 0);
      const unknown = isFirst ? next.filter((one) => !widths.has(one)) : [];
      if (unknown.length > 0) {
        pending.push(...unknown);
        continue;
      }
      pending.pop();
      const own = alias.destinations.length - next.length;
      widths.set(
        alias,
        next.reduce((sum, one) => sum + (widths.get(one) ?? 0), own),
      );
    }
  }
  return system.aliases.filter((alias) => (widths.get(alias) ?? 0) > aliasExpansionLimit);
}
