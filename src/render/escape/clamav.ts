/** Values in clamd.conf and freshclam.conf. */
import { type Escaped, trusted, UnescapableError } from '../escaped.ts';

/**
 * One word, such as a number, a host name, an address or a path (clamd.conf(5)). The reader cuts a line into
 * pieces where it is longer than its buffer, and what it makes of quotes and spaces depends on the option.
 *
 * Throws UnescapableError for anything but letters, digits and `._/:-`, and for more than 200 of them.
 */
export function clamavWord(value: string): Escaped<'clamav'> {
  if (!/^[\w./:-]{1,200}$/.test(value)) {
    throw new UnescapableError('clamav', 'a word has 1 to 200 letters, digits and "._/:-"');
  }
  return trusted<'clamav'>(value);
}
