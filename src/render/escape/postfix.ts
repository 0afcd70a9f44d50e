/** Values in Postfix's files: main.cf and master.cf, the tables beside them, and regular expressions. */
import { assertPrintable, type Escaped, trusted, UnescapableError } from '../escaped.ts';

/**
 * The whole value of a main.cf parameter. `$` begins a reference there and is doubled (postconf(5)).
 *
 * Throws UnescapableError for control characters, for white space at either end, which the reader would cut
 * off, and for `#` after white space or a comma, which postconf(1) warns of as a misplaced comment.
 */
export function postfixValue(value: string): Escaped<'postfix'> {
  assertTrimmed(value);
  if (/[ ,]#/.test(value)) throw new UnescapableError('postfix', 'it has a "#" after white space or a comma');
  return trusted<'postfix'>(value.replaceAll('$', '$$$$'));
}

/**
 * One word, such as a host, an address range, a number or a path: safe as a value, as an item of a list, and
 * as an argument in master.cf, where white space ends a word and `{` begins a quotation (master(5)).
 *
 * Throws UnescapableError for anything but letters, digits and the punctuation of such words.
 */
export function postfixWord(value: string): Escaped<'postfix'> {
  if (!/^[\w./[:][\w./:;=@*+[\]-]*$/.test(value)) {
    throw new UnescapableError('postfix', 'a word has only letters, digits and "._/:;=@*+[]-"');
  }
  return trusted<'postfix'>(value);
}

/**
 * What a texthash: table finds for a key. The rest of the line stands for itself, `$` and `#` too; also the
 * way that secrets are filled in, since they stand in tables only.
 *
 * Throws UnescapableError for control characters, nothing at all, and white space at either end, which the
 * reader would cut off.
 */
export function postfixTableText(value: string): Escaped<'postfix'> {
  assertTrimmed(value);
  if (value === '') throw new UnescapableError('postfix', 'a table has no empty values');
  return trusted<'postfix'>(value);
}

/**
 * Text to be found as it is, within the slashes of a regexp: table (regexp_table(5)); letter case does not
 * count there.
 *
 * Throws UnescapableError for control characters.
 */
export function postfixPattern(value: string): Escaped<'postfix'> {
  assertPrintable('postfix', value);
  return trusted<'postfix'>(value.replaceAll(/[.*+?^$|\\/()[\]{}]/g, '\\$&'));
}

function assertTrimmed(value: string): void {
  assertPrintable('postfix', value);
  if (/^ | $/.test(value)) throw new UnescapableError('postfix', 'it begins or ends with white space');
}
