/**
 * Which part of a source line must not be printed. A frame shows the line a diagnostic speaks of, and that
 * line may hold a password, typed in clear by mistake or as a hash; a CI log keeps it for everyone to read.
 */
import type { SourceLines } from './source-lines.ts';

/** Offsets in a line, in UTF-16 code units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Words of keys that hold secrets, as mail.yaml spells them and as people do, and what stands before the
 * value.
 */
const secretKey =
  /(?:passw|passphrase|pwd|secret|token|credential|kennwort)[\w.-]{0,40}["']?(?:\s*[:=]\s*|\s+|$)/gi;

/** How far up to look for the key that a line belongs to. */
const LINES_ABOVE = 50;

/**
 * @param marked what the diagnostic points at
 * @param concealed the diagnostic's own word: that is a secret, or the key of one
 * @returns spans in the order of the line, not overlapping
 */
export function concealedSpans(
  line: string,
  marked: Span,
  concealed: boolean,
  belongsToSecret: boolean,
): readonly Span[] {
  const from = Math.min(
    concealed ? secretStart(line, marked) : line.length,
    belongsToSecret ? valueStart(line) : line.length,
  );
  const spans = secretsAfterKeys(line).filter(({ start }) => start < from);
  const clipped = spans.map(({ start, end }) => ({ start, end: Math.min(end, from) }));
  if (from === line.length) return clipped;
  const last = clipped.at(-1);
  if (last?.end === from) return [...clipped.slice(0, -1), { start: last.start, end: line.length }];
  return [...clipped, { start: from, end: line.length }];
}

/** Whether a line above names a secret of which this line is the value, or a part. */
export function belongsToSecret(file: string, number: number, lines: SourceLines): boolean {
  let indentation = indentationOf(lines(file, number) ?? '');
  for (let above = number - 1; above > 0 && above >= number - LINES_ABOVE && indentation > 0; above--) {
    const line = lines(file, above);
    if (line === null || /^\s*(?:#|$)/.test(line) || indentationOf(line) >= indentation) continue;
    if (line.search(secretKey) !== -1) return true;
    indentation = indentationOf(line);
  }
  return false;
}

/** A marked key stays, what follows it goes; any other marked text goes with everything behind it. */
function secretStart(line: string, marked: Span): number {
  if (line[marked.end - 1] === ':') return skipSpaces(line, marked.end);
  const colon = skipSpaces(line, marked.end);
  const isKey = line[colon] === ':' && /^\s?$/.test(line.charAt(colon + 1));
  return isKey ? skipSpaces(line, colon + 1) : marked.start;
}

function secretsAfterKeys(line: string): readonly Span[] {
  const spans: Span[] = [];
  let shownFrom = 0;
  for (const match of line.matchAll(secretKey)) {
    const start = match.index + match[0].length;
    if (start < shownFrom || start >= line.length) continue;
    shownFrom = endOfQuoted(line, start) ?? line.length;
    spans.push({ start, end: shownFrom });
  }
  return spans;
}

/** Only a value whose end is beyond doubt lets the rest of its line be seen. */
function endOfQuoted(line: string, start: number): number | null {
  const quote = line.charAt(start);
  if (quote !== '"' && quote !== "'") return null;
  const end = line.indexOf(quote, start + 1);
  if (end === -1 || line.slice(start, end).includes('\\')) return null;
  return /^\s*(?:[,}\]]|$)|^\s+#/.test(line.slice(end + 1, end + 100)) ? end + 1 : null;
}

/** Behind `key: ` or `- `, or where the content begins when there is neither. */
function valueStart(line: string): number {
  return /^\s*(?:- +)*(?:["']?[\w.-]{1,40}["']?:(?:\s+|$))?/.exec(line)?.[0].length ?? 0;
}

function skipSpaces(line: string, from: number): number {
  let at = from;
  while (line[at] === ' ' || line[at] === '\t') at += 1;
  return at;
}

function indentationOf(line: string): number {
  return skipSpaces(line, 0);
}
