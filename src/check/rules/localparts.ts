/** Rules about what stands before the @ of a hosted address. */
import { error } from '../../diagnostics/diagnostic.ts';
import { formatAddress } from '../../model/address.ts';
import type { Alias, MailSystem, User } from '../../model/mail-system.ts';
import type { Rule } from '../rule.ts';

/**
 * Postfix would still find such an address, since it looks up the whole of it first; Dovecot splits before
 * it looks, and would find no user, or another one.
 */
export const noLocalpartHoldsTheDelimiter: Rule = (system) => {
  const delimiter = system.mail.recipientDelimiter;
  if (delimiter === null) return [];
  return named(system)
    .filter(({ address }) => address.localpart.includes(delimiter))
    .map(({ address, source }) =>
      error(
        'localpart-holds-delimiter',
        source,
        `"${formatAddress(address)}" holds the recipient delimiter "${delimiter}", which ends a localpart`,
        { hint: 'rename it, or write another "recipient_delimiter" under "mail"' },
      ),
    );
};

/** Mail to such addresses is taken for a bounce of a forwarded message, and sent back to where that came from. */
export const noLocalpartLooksRewritten: Rule = (system) =>
  named(system)
    .filter(({ address: { localpart } }) => localpart.startsWith('srs') && /^srs[01][-+=]/.test(localpart))
    .map(({ address, source }) =>
      error(
        'localpart-reserved',
        source,
        `"${formatAddress(address)}" looks like a rewritten sender (SRS): mail to it would be sent elsewhere`,
      ),
    );

function named({ users, aliases }: MailSystem): readonly (User | Alias)[] {
  return [...users, ...aliases];
}
