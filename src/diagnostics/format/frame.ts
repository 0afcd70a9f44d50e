/** The line of the source that a diagnostic speaks of, and where in it the marked part stands. */
import type { Position } from '../../model/position.ts';
import { belongsToSecret, concealedSpans, type Span } from './conceal.ts';
import { show } from './printable.ts';
import type { SourceLines } from './source-lines.ts';

export interface Frame {
  /**
   * The line as it is shown: tabs expanded, nothing invisible, nothing secret, and cut to a terminal's
   * width.
   */
  readonly line: string;
  /** Columns of the terminal before the marked part. */
  readonly offset: number;
  /** Columns of the terminal that the marked part takes; at least 1. */
  readonly width: number;
}

const TAB_WIDTH = 4;
/** A line wider than this is cut, and keeps this much before the marked part. */
const MAX_WIDTH = 100;
const WIDTH_BEFORE = 40;
/** So much of a line is looked at on either side of the mark: a line may be as long as a file. */
const MAX_CHARACTERS = 400;
const CUT = '…';
const CONCEALED = '***';

/** @returns null where the line is not at hand, as for a file that could not be read */
export function frame(position: Position, concealed: boolean, lines: SourceLines): Frame | null {
  const line = lines(position.file, position.line);
  if (line === null) return null;
  const start = offsetOf(line, 0, position.column - 1);
  const marked = { start, end: offsetOf(line, start, position.endColumn - position.column) };
  const isSecretsLine = belongsToSecret(position.file, position.line, lines);
  const hidden = concealedSpans(line, marked, concealed, isSecretsLine);
  return crop(cellsAround(line, marked.start, hidden), marked, line.length);
}

/** The offset `count` code points behind `from`. */
function offsetOf(line: string, from: number, count: number): number {
  let at = from;
  for (let left = count; left > 0 && at < line.length; left--)
    at += (line.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return at;
}

/** What is shown for a part of the line. */
interface Cell extends Span {
  readonly text: string;
  readonly width: number;
}

function cellsAround(line: string, middle: number, hidden: readonly Span[]): readonly Cell[] {
  const cells: Cell[] = [];
  const last = Math.min(line.length, middle + MAX_CHARACTERS);
  let at = Math.max(0, middle - MAX_CHARACTERS);
  // Half of a code point at the edge of what is looked at would be shown as an error in the source.
  if (at > 0 && isLowSurrogate(line.charCodeAt(at))) at += 1;
  let column = 0;
  while (at < last) {
    const start = at;
    const secret = hidden.find((span) => span.start <= start && start < span.end);
    const character = String.fromCodePoint(line.codePointAt(start) ?? 0);
    let shown = show(character);
    at += character.length;
    if (secret !== undefined) {
      shown = { text: CONCEALED, width: CONCEALED.length };
      at = secret.end;
    } else if (character === '\t') {
      const width = TAB_WIDTH - (column % TAB_WIDTH);
      shown = { text: ' '.repeat(width), width };
    }
    cells.push({ ...shown, start, end: at });
    column += shown.width;
  }
  return cells;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

/** Cuts the line around the mark where it is wider than a terminal. */
function crop(cells: readonly Cell[], marked: Span, lineLength: number): Frame {
  const found = cells.findIndex(({ end }) => end > marked.start);
  const mark = found === -1 ? cells.length : found;
  const isWide = widthOf(cells) > MAX_WIDTH;

  let from = mark;
  let before = 0;
  while (from > 0 && (!isWide || before + widthAt(cells, from - 1) <= WIDTH_BEFORE)) {
    before += widthAt(cells, --from);
  }
  let to = from;
  let width = 0;
  while (to < cells.length && width + widthAt(cells, to) <= MAX_WIDTH) width += widthAt(cells, to++);

  const kept = cells.slice(from, to);
  const head = (kept[0]?.start ?? 0) > 0 ? CUT : '';
  const tail = (kept.at(-1)?.end ?? lineLength) < lineLength ? CUT : '';
  const inside = cells.slice(mark, to).filter(({ start }) => start < marked.end);
  return {
    line: head + kept.map(({ text }) => text).join('') + tail,
    offset: head.length + before,
    width: Math.max(1, widthOf(inside)),
  };
}

function widthAt(cells: readonly Cell[], at: number): number {
  return cells[at]?.width ?? 0;
}

function widthOf(cells: readonly Cell[]): number {
  return cells.reduce((sum, { width }) => sum + width, 0);
}
