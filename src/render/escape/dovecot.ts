/** Values in dovecot.conf. A value passes two readers there: that of the file and that of the `%{variables}`. */
import { assertPrintable, type Escaped, trusted } from '../escaped.ts';

/**
 * The whole value of a setting, in quotes: so `#`, `$`, `<` and `{` mean nothing, and only `"` and `\` need a
 * backslash (doc.dovecot.org, "Settings Syntax"). A `%` would begin a variable in nearly every setting, so a
 * value with one is written as the variable that stands for that very text. Not for the few settings that are
 * variable patterns themselves, such as `auth_username_format`.
 *
 * Throws UnescapableError for control characters.
 */
export function dovecotString(value: string): Escaped<'dovecot'> {
  assertPrintable('dovecot', value);
  return trusted<'dovecot'>(`"${quoted(value.includes('%') ? literal(value) : value, '"')}"`);
}

/** Variable syntax has strings of its own, with the same two escapes. */
function literal(value: string): string {
  return `%{literal('${quoted(value, "'")}')}`;
}

function quoted(value: string, quote: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`);
}
