/**
 * Where each value of a document stands, as numbers on one tape in the order of the document: a mailbox costs
 * some 80 bytes, where an object a node would cost ten times that.
 */
import type { Path } from '../model/position.ts';

/** What a reader writes while it reads: a node begins before its children and ends after them. */
export interface TapeWriter {
  /**
   * Five numbers a node: start and end of the key, start and end of the value, the node after its children.
   */
  marks: Int32Array;
  count: number;
  /** The key of each node; null in a list and for the root. */
  readonly names: (string | null)[];
}

/** A finished tape. */
export interface PositionTape {
  readonly marks: Int32Array;
  readonly names: readonly (string | null)[];
}

const FIELDS = 5;
const KEY_START = 0;
const KEY_END = 1;
const VALUE_START = 2;
const VALUE_END = 3;
const NEXT = 4;
const NO_KEY = -1;

export function newTape(textLength: number): TapeWriter {
  // About one node every forty characters in an ordinary file, so that it hardly ever has to grow.
  return { marks: new Int32Array(FIELDS * Math.max(64, textLength >>> 5)), count: 0, names: [] };
}

/** @returns the node, for {@link endNode} */
export function beginNode(tape: TapeWriter, name: string | null, keyStart: number, keyEnd: number): number {
  const node = tape.count++;
  const base = node * FIELDS;
  if (base + FIELDS > tape.marks.length) {
    const larger = new Int32Array(tape.marks.length * 2);
    larger.set(tape.marks);
    tape.marks = larger;
  }
  tape.names.push(name);
  tape.marks[base + KEY_START] = keyStart;
  tape.marks[base + KEY_END] = keyEnd;
  return node;
}

/** Begins a node that has no key: a list's item, or the root. */
export function beginItem(tape: TapeWriter): number {
  return beginNode(tape, null, NO_KEY, NO_KEY);
}

export function endNode(tape: TapeWriter, node: number, valueStart: number, valueEnd: number): void {
  const base = node * FIELDS;
  tape.marks[base + VALUE_START] = valueStart;
  tape.marks[base + VALUE_END] = valueEnd;
  tape.marks[base + NEXT] = tape.count;
}

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Finds nodes by path. Large maps and lists are indexed when first asked, so that no lookup is a search. */
export function tapeReader(tape: PositionTape): (path: Path, part: 'key' | 'value') => Range {
  const { marks, names } = tape;
  const indexes = new Map<number, Map<string | number, number>>();
  const next = (node: number): number => marks[node * FIELDS + NEXT] ?? 0;

  const indexOf = (parent: number): Map<string | number, number> => {
    const known = indexes.get(parent);
    if (known !== undefined) return known;
    const index = new Map<string | number, number>();
    let ordinal = 0;
    for (let child = parent + 1; child < next(parent); child = next(child)) {
      index.set(names[child] ?? ordinal, child);
      ordinal += 1;
    }
    indexes.set(parent, index);
    return index;
  };

  const childOf = (parent: number, step: string | number): number | null => {
    const end = next(parent);
    let ordinal = 0;
    for (let child = parent + 1; child < end; child = next(child)) {
      if ((names[child] ?? ordinal) === step) return child;
      ordinal += 1;
      if (ordinal === 8) return indexOf(parent).get(step) ?? null;
    }
    return null;
  };

  return (path, part) => {
    let node = 0;
    let wanted = part;
    for (const step of path) {
      const child = childOf(node, step);
      if (child === null) {
        // What is missing is shown where it belongs: at the key of the map that lacks it.
        wanted = 'key';
        break;
      }
      node = child;
    }
    const base = node * FIELDS;
    const keyStart = marks[base + KEY_START] ?? 0;
    if (wanted === 'key' && keyStart !== NO_KEY) return { start: keyStart, end: marks[base + KEY_END] ?? 0 };
    return { start: marks[base + VALUE_START] ?? 0, end: marks[base + VALUE_END] ?? 0 };
  };
}
