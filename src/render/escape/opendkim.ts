/** Values in opendkim.conf and its tables. */
import { type Escaped, trusted, UnescapableError } from '../escaped.ts';

/**
 * One word of opendkim.conf, or a domain, selector or path in the KeyTable and the SigningTable. There is no
 * quoting: white space, `:` and `,` separate, `#` begins a comment, `%` and `*` are wildcards.
 *
 * Throws UnescapableError for anything but letters, digits and `._/-`.
 */
export function opendkimWord(value: string): Escaped<'opendkim'> {
  if (!/^[\w./][\w./-]*$/.test(value)) {
    throw new UnescapableError('opendkim', 'a word has only letters, digits and "._/-"');
  }
  return trusted<'opendkim'>(value);
}
