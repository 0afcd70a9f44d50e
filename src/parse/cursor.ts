/** Where the reader of the plain layout stands in its text, and how it looks at a character. */
import type { KeyNames } from './key-names.ts';
import type { TapeWriter } from './position-tape.ts';

export interface Cursor {
  readonly text: string;
  readonly tape: TapeWriter;
  readonly names: KeyNames;
  /** Offset of the next character to read; once something was refused, of that. */
  at: number;
  /** Indentation of the line whose first character is at `at`, or {@link AT_END}. */
  column: number;
}

export const AT_END = -1;

/** Deeper than any mail.yaml goes; what lies deeper is left to the other reader, which then says so. */
export const MAX_DEPTH = 64;

/** Bounds what one file may take of memory; a file of 64 MB with a few fields a user stays well below it. */
export const MAX_NODES = 3_000_000;

export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const DOUBLE_QUOTE = 0x22;
export const HASH = 0x23;
export const SINGLE_QUOTE = 0x27;
export const COMMA = 0x2c;
export const DASH = 0x2d;
const DOT = 0x2e;
export const COLON = 0x3a;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;

/** White space, a line's end, or the text's (where charCodeAt gives NaN). */
export function isBlank(code: number): boolean {
  return code === SPACE || code === LF || code === CR || code === TAB || Number.isNaN(code);
}

/** A line's end or the text's. CR stands only before LF: any other was refused before a reader began. */
export function isLineEnd(code: number): boolean {
  return code === LF || code === CR || Number.isNaN(code);
}

export function skipSpaces(cursor: Cursor): void {
  while (cursor.text.charCodeAt(cursor.at) === SPACE) cursor.at += 1;
}

/**
 * Moves from the start of a line to the first character of the next line that holds more than white space and
 * a comment, and sets `column`; at the end of the text `column` is {@link AT_END}.
 * @returns false where the line is not in the plain layout (a tab as indentation, a document marker)
 */
export function nextContent(cursor: Cursor): boolean {
  const { text } = cursor;
  for (;;) {
    const lineStart = cursor.at;
    skipSpaces(cursor);
    const code = text.charCodeAt(cursor.at);
    if (code === LF) cursor.at += 1;
    else if (code === CR) cursor.at += 2;
    else if (code === HASH) skipLine(cursor);
    else if (Number.isNaN(code)) {
      cursor.column = AT_END;
      return true;
    } else {
      cursor.column = cursor.at - lineStart;
      if (code === TAB) return false;
      return cursor.column > 0 || !isDocumentMarker(text, cursor.at);
    }
  }
}

/**
 * Moves over the white space and the comment behind a value to the start of the next line.
 * @returns false where something else stands there
 */
export function skipRestOfLine(cursor: Cursor): boolean {
  skipSpaces(cursor);
  const code = cursor.text.charCodeAt(cursor.at);
  if (code === HASH) {
    if (cursor.text.charCodeAt(cursor.at - 1) !== SPACE) return false;
  } else if (!isLineEnd(code)) return false;
  skipLine(cursor);
  return true;
}

/** `---` or `...` alone or before white space. */
export function isDocumentMarker(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code !== DASH && code !== DOT) return false;
  return (
    text.charCodeAt(at + 1) === code && text.charCodeAt(at + 2) === code && isBlank(text.charCodeAt(at + 3))
  );
}

function skipLine(cursor: Cursor): void {
  const end = cursor.text.indexOf('\n', cursor.at);
  cursor.at = end === -1 ? cursor.text.length : end + 1;
}
