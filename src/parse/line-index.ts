/** From an offset in a text to its line and column, in time that does not grow with the text. */
import type { Position } from '../model/position.ts';

export interface LineIndex {
  /** The place of `[start, end)`, cut off at the end of the line it starts on. */
  readonly positionOf: (start: number, end: number) => Position;
}

/** Lines end with LF or CRLF. The index is built on first use: most files are never asked. */
export function lineIndex(file: string, text: string): LineIndex {
  let starts: Int32Array | null = null;
  let surrogates: Int32Array | null = null;

  return {
    positionOf(start, end) {
      starts ??= offsetsOfLines(text);
      surrogates ??= offsetsOfSurrogates(text);
      const line = lastAtMost(starts, start);
      const lineStart = starts[line] ?? 0;
      const lineEnd = endOfLine(text, starts[line + 1]);
      const column = start - lineStart - surrogatesBetween(surrogates, lineStart, start) + 1;
      const last = Math.max(start, Math.min(end, lineEnd));
      const width = last - start - surrogatesBetween(surrogates, start, last);
      return { file, line: line + 1, column, endColumn: column + Math.max(1, width) };
    },
  };
}

function offsetsOfLines(text: string): Int32Array {
  let count = 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  const starts = new Int32Array(count);
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts[line++] = at + 1;
  return starts;
}

/** Low surrogates, which together with the one before them are a single code point. */
function offsetsOfSurrogates(text: string): Int32Array {
  const offsets: number[] = [];
  for (const match of text.matchAll(/[\uDC00-\uDFFF]/g)) offsets.push(match.index);
  return Int32Array.from(offsets);
}

function endOfLine(text: string, nextStart: number | undefined): number {
  if (nextStart === undefined) return text.length;
  return text[nextStart - 2] === '\r' ? nextStart - 2 : nextStart - 1;
}

function surrogatesBetween(surrogates: Int32Array, start: number, end: number): number {
  if (surrogates.length === 0) return 0;
  return lastAtMost(surrogates, end - 1) - lastAtMost(surrogates, start - 1);
}

/** The index of the last element that is at most `limit`, or -1. */
function lastAtMost(sorted: Int32Array, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
