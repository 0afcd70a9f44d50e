/**
 * Values in unit files. A value passes several readers there: the line, the specifiers (`%h`), the words and,
 * in command lines, the environment (`$HOME`); which of them depends on the directive.
 */
import { assertPrintable, type Escaped, trusted, UnescapableError } from '../escaped.ts';

/**
 * One word of a directive that takes a list of words or paths, such as `RequiresMountsFor=` (systemd.syntax(7),
 * "Quoting"). Only `\\` and `\"` are used: they mean the same to directives that read C escapes and to those
 * that do not.
 *
 * Throws UnescapableError for control characters and noncharacters.
 */
export function systemdWord(value: string): Escaped<'systemd'> {
  assertReadable(value);
  const literal = withoutSpecifiers(value);
  return trusted<'systemd'>(/^[\w@%+=:,./-]+$/.test(literal) ? literal : `"${quoted(literal)}"`);
}

/**
 * One argument in `ExecStart=` and its kin. `$` is doubled as well (systemd.service(5), "Command lines"); the
 * quotes keep a lone `;` from separating two commands. Not for the program itself, in whose path `$` stands for
 * itself: write that out.
 *
 * Throws UnescapableError for control characters and noncharacters.
 */
export function systemdArgument(value: string): Escaped<'systemd'> {
  return trusted<'systemd'>(systemdWord(value).replaceAll('$', '$$$$'));
}

/**
 * The rest of a line, as `Description=` takes it: no quotes, only specifiers.
 *
 * Throws UnescapableError for control characters and noncharacters, for a backslash at the end, which would join the next line
 * to this one, and for white space at either end, which the reader would cut off.
 */
export function systemdText(value: string): Escaped<'systemd'> {
  assertReadable(value);
  if (value.endsWith('\\')) throw new UnescapableError('systemd', 'it ends with a backslash');
  if (value !== value.trim()) throw new UnescapableError('systemd', 'it begins or ends with white space');
  return trusted<'systemd'>(withoutSpecifiers(value));
}

/** systemd takes noncharacters such as U+FFFE for broken UTF-8, and then ignores the whole unit. */
function assertReadable(value: string): void {
  assertPrintable('systemd', value);
  if (/\p{Noncharacter_Code_Point}/u.test(value)) {
    throw new UnescapableError('systemd', 'it has a code point that is no character');
  }
}

/** systemd.unit(5), "Specifiers": `%%` is a single percent sign. */
function withoutSpecifiers(value: string): string {
  return value.replaceAll('%', '%%');
}

function quoted(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
}
