/** Values in SpamAssassin's local.cf. */
import { type Escaped, trusted, UnescapableError } from '../escaped.ts';

/**
 * One word, such as an address range, a number or a path (Mail::SpamAssassin::Conf(3), "DESCRIPTION"). There
 * is no quoting: white space separates, and `#` begins a comment.
 *
 * Throws UnescapableError for anything but letters, digits and `._/:-`.
 */
export function spamassassinWord(value: string): Escaped<'spamassassin'> {
  if (!/^[\w./:-]+$/.test(value)) {
    throw new UnescapableError('spamassassin', 'a word has only letters, digits and "._/:-"');
  }
  return trusted<'spamassassin'>(value);
}
