/** Strings in Perl source, which amavisd.conf is. */
import { assertPrintable, type Escaped, trusted } from '../escaped.ts';

/**
 * A string literal (perlop(1), "Quote and Quote-like Operators"): between single quotes nothing is
 * interpolated, and only the quote and the backslash are escaped. Beyond ASCII, Perl sees the UTF-8 bytes.
 *
 * Throws UnescapableError for control characters.
 */
export function perlString(value: string): Escaped<'perl'> {
  assertPrintable('perl', value);
  return trusted<'perl'>(`'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`);
}

/** A number literal. Throws a RangeError for what is no number. */
export function perlNumber(value: number): Escaped<'perl'> {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is not a Perl number`);
  return trusted<'perl'>(String(value));
}
