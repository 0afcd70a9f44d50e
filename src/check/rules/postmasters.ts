/** The rule that somebody gets what the world writes to postmaster@ and abuse@. */
import { type Diagnostic, error, warning } from '../../diagnostics/diagnostic.ts';
import { formatAddress } from '../../model/address.ts';
import type { Position } from '../../model/position.ts';
import { routerOf } from '../../render/route.ts';
import type { Rule } from '../rule.ts';

/** RFC 5321 section 4.5.1 and RFC 2142: the addresses must exist, and a person should read them. */
export const postmastersGetAndReadTheirMail: Rule = (system) => {
  const disabled = new Set(
    system.users.filter(({ enabled }) => !enabled).map(({ address }) => formatAddress(address)),
  );
  if (disabled.size === 0) return [];
  const routeTo = routerOf(system);
  const written = new Map(
    [...system.users, ...system.aliases].map(({ address, source }) => [formatAddress(address), source]),
  );
  // One `postmaster` may stand for every domain: the line is to blame once.
  const blamed = new Set<Position>();
  const own = system.domains.filter(({ aliasOf }) => aliasOf === null);
  return own.flatMap((domain) =>
    ['abuse', 'postmaster'].flatMap((localpart): readonly Diagnostic[] => {
      const name = `${localpart}@${domain.name}`;
      const position = written.get(name) ?? domain.source;
      const { users, external, refused } = routeTo({ localpart, domain: domain.name });
      const read = external.length > 0 || users.some((address) => !disabled.has(formatAddress(address)));
      if (read || users.length === 0 || blamed.has(position)) return [];
      blamed.add(position);
      const who = users.map((address) => `"${formatAddress(address)}" is disabled`).join(', ');
      const hint = 'write a "postmaster" who is enabled';
      return [
        refused
          ? error('postmaster-refused', position, `mail to "${name}" is refused: ${who}`, { hint })
          : warning('postmaster-unread', position, `nobody can read the mail to "${name}": ${who}`, { hint }),
      ];
    }),
  );
};
