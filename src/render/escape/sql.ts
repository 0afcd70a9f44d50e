/** Values in PostgreSQL's SQL, and in the text format of COPY. */
import { assertPrintable, type Escaped, trusted, UnescapableError } from '../escaped.ts';

/**
 * A string constant. One with a backslash is written `E'…'`, which reads the same whatever
 * `standard_conforming_strings` says (PostgreSQL manual, section 4.1.2.2).
 *
 * Throws UnescapableError for control characters.
 */
export function sqlLiteral(value: string): Escaped<'sql'> {
  assertPrintable('sql', value);
  const quoted = `'${value.replaceAll("'", "''")}'`;
  return trusted<'sql'>(value.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted);
}

/**
 * A quoted identifier (section 4.1.1). PostgreSQL cuts a longer name than 63 bytes off, so that two could
 * become one.
 *
 * Throws UnescapableError for control characters, the empty name and names that would be cut.
 */
export function sqlIdentifier(name: string): Escaped<'sql'> {
  assertPrintable('sql', name);
  if (name === '') throw new UnescapableError('sql', 'a name cannot be empty');
  if (new TextEncoder().encode(name).length > 63) {
    throw new UnescapableError('sql', 'a name has at most 63 bytes');
  }
  return trusted<'sql'>(`"${name.replaceAll('"', '""')}"`);
}

/**
 * One column of a line of COPY's text format; null is `\N`. With its backslashes doubled no value can be
 * taken for a null, for the end of the data (`\.`) or for a command of psql.
 *
 * Throws UnescapableError for control characters, the tab between columns among them.
 */
export function copyField(value: string | number | boolean | null): Escaped<'sql'> {
  if (value === null) return trusted<'sql'>('\\N');
  if (typeof value === 'boolean') return trusted<'sql'>(value ? 't' : 'f');
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new UnescapableError('sql', 'it is no whole number');
    return trusted<'sql'>(String(value));
  }
  assertPrintable('sql', value);
  return trusted<'sql'>(value.includes('\\') ? value.replaceAll('\\', '\\\\') : value);
}

/** An array of strings as one column of COPY: the array's own quoting (section 8.15.2) inside that of COPY. */
export function copyArray(values: readonly string[]): Escaped<'sql'> {
  const elements = values.map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`);
  return copyField(`{${elements.join(',')}}`);
}
