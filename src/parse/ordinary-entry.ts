/**
 * The line that makes up nearly all of a large mail.yaml, matched in one step instead of letter by letter.
 */

/** Offsets are relative to the key's first character, which is where the match began. */
export interface OrdinaryEntry {
  readonly key: string;
  /** As written, without its quotes; null where the key ends its line. */
  readonly value: string | null;
  readonly isQuoted: boolean;
  /** Of the whole match, so up to the first character of the next line's content. */
  readonly length: number;
  /** Of the next line. */
  readonly indentation: number;
}

/**
 * A word, a colon, in the same line nothing or one space and a word or a quoted value without an escape, and
 * below it a line that is neither empty nor a comment. Lengths are bounded as the matcher backtracks by
 * stack.
 */
const word = '[A-Za-z0-9$_/][\\w$/.@+=-]';
const quoted = '"([^"\\\\\\t\\r\\n]{0,1000})"';
const nextContent = '( *)(?=[^ \\t\\r\\n#])';
const pattern = new RegExp(
  `(${word}{0,500}):(?: (?:${quoted}|(${word}{0,1000})))?\\r?\\n${nextContent}`,
  'y',
);

export function matchOrdinaryEntry(text: string, at: number): OrdinaryEntry | null {
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  if (found === null) return null;
  const [whole, key = '', quotedValue, wordValue, indentation = ''] = found;
  return {
    key,
    value: quotedValue ?? wordValue ?? null,
    isQuoted: quotedValue !== undefined,
    length: whole.length,
    indentation: indentation.length,
  };
}
