/** Strings in Sieve scripts (RFC 5228). */
import { assertPrintable, type Escaped, trusted, UnescapableError } from '../escaped.ts';

/**
 * A quoted string with its quotes (RFC 5228 section 2.4.2).
 *
 * Throws UnescapableError for control characters, and for `${`: with the "variables" extension (RFC 5229
 * section 3) it begins a reference that no escape prevents.
 */
export function sieveString(value: string): Escaped<'sieve'> {
  assertPrintable('sieve', value);
  if (value.includes('${')) throw new UnescapableError('sieve', 'it has "${"');
  return trusted<'sieve'>(`"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
}
