/** Scalars of the plain layout: plain, single-quoted and double-quoted ones that fit in their line. */
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  CR,
  type Cursor,
  DASH,
  DOUBLE_QUOTE,
  HASH,
  isBlank,
  LF,
  OPEN_BRACE,
  OPEN_BRACKET,
  SINGLE_QUOTE,
  SPACE,
  TAB,
} from './cursor.ts';

/**
 * Reads the quoted scalar that begins at the cursor.
 * @returns undefined where it goes on in the next line, holds a tab, or a rare escape sequence
 */
export function readQuoted(cursor: Cursor): string | undefined {
  const { text, at } = cursor;
  return text.charCodeAt(at) === DOUBLE_QUOTE ? readDoubleQuoted(cursor) : readSingleQuoted(cursor);
}

function readDoubleQuoted(cursor: Cursor): string | undefined {
  const { text } = cursor;
  const start = cursor.at + 1;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOUBLE_QUOTE) {
      cursor.at = at + 1;
      return text.slice(start, at);
    }
    if (code < SPACE) return undefined;
    if (code === BACKSLASH) return readEscaped(cursor, start);
  }
  return undefined;
}

const BACKSLASH = 0x5c;

/** What escapes of one letter without a control character stand for. */
const simpleEscapes: Readonly<Record<string, string>> = { '"': '"', '/': '/', '\\': '\\', ' ': ' ' };

function readEscaped(cursor: Cursor, start: number): string | undefined {
  const { text } = cursor;
  let value = '';
  let from = start;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOUBLE_QUOTE) {
      cursor.at = at + 1;
      return value + text.slice(from, at);
    }
    if (code < SPACE) return undefined;
    if (code === BACKSLASH) {
      const meaning = simpleEscapes[text.charAt(at + 1)];
      if (meaning === undefined) return undefined;
      value += text.slice(from, at) + meaning;
      at += 1;
      from = at + 1;
    }
  }
  return undefined;
}

function readSingleQuoted(cursor: Cursor): string | undefined {
  const { text } = cursor;
  const start = cursor.at + 1;
  let doubled = false;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < SPACE) return undefined;
    if (code !== SINGLE_QUOTE) continue;
    if (text.charCodeAt(at + 1) === SINGLE_QUOTE) {
      doubled = true;
      at += 1;
      continue;
    }
    cursor.at = at + 1;
    const value = text.slice(start, at);
    return doubled ? value.replaceAll("''", "'") : value;
  }
  return undefined;
}

/**
 * Reads the plain scalar that begins at the cursor, up to `: `, ` #` or the end of the line, in a flow
 * collection also up to `,` and brackets. Whether the next line continues it is the caller's to see.
 * @returns the scalar as written, or undefined where none may begin or a tab stands in it
 */
export function readPlain(cursor: Cursor, inFlow: boolean): string | undefined {
  const { text, at } = cursor;
  if (!mayBegin(text, at, inFlow)) return undefined;
  const end = inFlow ? endInFlow(text, at) : endInBlock(text, at);
  if (end === NOT_PLAIN) return undefined;
  cursor.at = end;
  return text.slice(at, end);
}

const NOT_PLAIN = -1;

function endInBlock(text: string, start: number): number {
  let end = start;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > COLON) end = at + 1;
    else if (code === LF || code === CR) return end;
    else if (code === SPACE) {
      if (text.charCodeAt(at + 1) === HASH) return end;
    } else if (code === TAB) return NOT_PLAIN;
    else if (code === COLON && isBlank(text.charCodeAt(at + 1))) return end;
    else end = at + 1;
  }
  return end;
}

function endInFlow(text: string, start: number): number {
  let end = start;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === LF || code === CR || isFlowIndicator(code)) return end;
    if (code === SPACE) {
      if (text.charCodeAt(at + 1) === HASH) return end;
    } else if (code === TAB) return NOT_PLAIN;
    else if (code === COLON) {
      const next = text.charCodeAt(at + 1);
      if (isBlank(next) || isFlowIndicator(next)) return end;
      end = at + 1;
    } else end = at + 1;
  }
  return end;
}

/** YAML 1.2.2, rule 126 (ns-plain-first). */
function mayBegin(text: string, at: number, inFlow: boolean): boolean {
  const code = text.charCodeAt(at);
  if (isBlank(code) || isFlowIndicator(code)) return false;
  const letter = text.charAt(at);
  if (indicators.has(letter)) return false;
  if (code !== DASH && code !== COLON && letter !== '?') return true;
  const next = text.charCodeAt(at + 1);
  return !isBlank(next) && !(inFlow && (code === COLON || isFlowIndicator(next)));
}

const indicators: ReadonlySet<string> = new Set('#&*!|>\'"%@`');

function isFlowIndicator(code: number): boolean {
  return (
    code === COMMA ||
    code === OPEN_BRACKET ||
    code === CLOSE_BRACKET ||
    code === OPEN_BRACE ||
    code === CLOSE_BRACE
  );
}
