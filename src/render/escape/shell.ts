/** Words for sh: what a user wrote stays one argument, whatever stands in it. */
import { assertPrintable, type Escaped, trusted, UnescapableError } from '../escaped.ts';

/**
 * One word of a command line (POSIX.1-2024, Shell Command Language, 2.2 Quoting). Within single quotes every
 * byte is literal except the quote itself. A word of harmless characters stays bare, for the reader's sake.
 *
 * Throws UnescapableError for control characters.
 */
export function shellWord(value: string): Escaped<'shell'> {
  assertPrintable('shell', value);
  return trusted<'shell'>(/^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`);
}

/**
 * A command line made of words, as text that a second shell reads: what `sh -c` and `docker run --health-cmd`
 * take. To stand in a script it must go through {@link shellWord} in its turn.
 */
export function shellCommand(words: readonly string[]): string {
  const [program] = words;
  // A word with `=` before the command would be an assignment, and an empty command is no command.
  if (program === undefined || program === '' || program.includes('=')) {
    throw new UnescapableError('shell', 'a command needs a program, and a program has no "="');
  }
  return words.map(shellWord).join(' ');
}

/** Text behind a `#`, which ends only with the line. */
export function shellComment(text: string): Escaped<'shell'> {
  assertPrintable('shell', text);
  return trusted<'shell'>(text);
}
