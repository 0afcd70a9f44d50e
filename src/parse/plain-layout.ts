/**
 * The fast reader: one pass over the part of YAML that nearly every mail.yaml is written in. It knows maps
 * and lists by indentation, scalars that fit in their line, brackets that close in theirs, and comments. At
 * anything else, mistakes included, it gives up, and the whole file goes to the reader of all YAML
 * (any-yaml.ts), whose values and positions it must match to the byte; plain-layout.test.ts holds the two
 * against each other.
 */
import type { PlainValue } from '../model/source-document.ts';
import { type PlainScalar, resolvePlain } from './core-schema.ts';
import {
  AT_END,
  COLON,
  type Cursor,
  DASH,
  DOUBLE_QUOTE,
  HASH,
  isBlank,
  isDocumentMarker,
  isLineEnd,
  MAX_DEPTH,
  MAX_NODES,
  nextContent,
  OPEN_BRACE,
  OPEN_BRACKET,
  SINGLE_QUOTE,
  skipRestOfLine,
  skipSpaces,
} from './cursor.ts';
import { keyName } from './key-names.ts';
import { matchOrdinaryEntry, type OrdinaryEntry } from './ordinary-entry.ts';
import { readFlowValue } from './plain-layout-flow.ts';
import { readPlain, readQuoted } from './plain-layout-scalar.ts';
import { beginItem, beginNode, endNode, newTape, type PositionTape } from './position-tape.ts';

export type PlainLayout =
  | { readonly kind: 'read'; readonly value: PlainValue; readonly tape: PositionTape }
  /** `at` is the offset of what the plain layout does not know. */
  | { readonly kind: 'gave-up'; readonly at: number };

export function readPlainLayout(text: string): PlainLayout {
  const tape = newTape(text.length);
  const cursor: Cursor = { text, tape, names: new Map(), at: 0, column: AT_END };
  const gaveUp = (): PlainLayout => ({ kind: 'gave-up', at: cursor.at });

  const root = beginItem(tape);
  if (!nextContent(cursor) && !skipDocumentStart(cursor)) return gaveUp();
  if (cursor.column === AT_END) {
    endNode(tape, root, 0, 0);
    return { kind: 'read', value: null, tape };
  }
  const value = readBlock(cursor, root, 0);
  if (value === undefined || cursor.column !== AT_END) return gaveUp();
  return { kind: 'read', value, tape };
}

function skipDocumentStart(cursor: Cursor): boolean {
  if (cursor.text.charCodeAt(cursor.at) !== DASH || !isDocumentMarker(cursor.text, cursor.at)) return false;
  cursor.at += 3;
  return skipRestOfLine(cursor) && nextContent(cursor);
}

/** Reads the map or list whose first character is at the cursor, and ends `node` with it. */
function readBlock(cursor: Cursor, node: number, depth: number): PlainValue | undefined {
  if (depth > MAX_DEPTH) return undefined;
  return atDash(cursor)
    ? readBlockList(cursor, cursor.column, node, depth)
    : readBlockMap(cursor, cursor.column, node, depth);
}

function readBlockMap(cursor: Cursor, column: number, node: number, depth: number): PlainValue | undefined {
  const map: MutableMap = Object.create(null);
  const start = cursor.at;
  let firstKeyEnd = NOT_YET;
  do {
    const ordinary = matchOrdinaryEntry(cursor.text, cursor.at);
    const keyEnd =
      ordinary === null
        ? readEntry(cursor, column, map, depth)
        : takeOrdinaryEntry(cursor, column, map, depth, ordinary);
    if (keyEnd === undefined || cursor.tape.count > MAX_NODES) return undefined;
    if (firstKeyEnd === NOT_YET) firstKeyEnd = keyEnd;
  } while (cursor.column === column);
  if (cursor.column > column) return undefined;
  endNode(cursor.tape, node, start, firstKeyEnd);
  return map;
}

type MutableMap = Record<string, PlainValue>;

const NOT_YET = -1;

/** @returns where the key ends; undefined where the entry is not in the plain layout */
function takeOrdinaryEntry(
  cursor: Cursor,
  column: number,
  map: MutableMap,
  depth: number,
  found: OrdinaryEntry,
): number | undefined {
  const key = keyName(cursor.names, found.key);
  if (key in map || typeof resolvePlain(key) !== 'string') return undefined;
  const keyStart = cursor.at;
  const keyEnd = keyStart + found.key.length;
  const node = beginNode(cursor.tape, key, keyStart, keyEnd);
  cursor.at += found.length;
  cursor.column = found.indentation;
  if (cursor.column === 0 && isDocumentMarker(cursor.text, cursor.at)) return undefined;
  if (found.value === null) {
    const value = readBelowKey(cursor, column, node, keyStart, keyEnd, depth);
    if (value === undefined) return undefined;
    map[key] = value;
    return keyEnd;
  }
  if (cursor.column > column) return undefined;
  const quotes = found.isQuoted ? 2 : 0;
  const valueStart = keyEnd + ': '.length;
  endNode(cursor.tape, node, valueStart, valueStart + found.value.length + quotes);
  map[key] = found.isQuoted ? found.value : resolvePlain(found.value);
  return keyEnd;
}

/** As {@link takeOrdinaryEntry}, for every other kind of entry. */
function readEntry(cursor: Cursor, column: number, map: MutableMap, depth: number): number | undefined {
  const keyStart = cursor.at;
  const source = readScalar(cursor);
  const keyEnd = cursor.at;
  if (typeof source !== 'string') return undefined;
  const key = keyName(cursor.names, source);
  if (key in map || !skipColon(cursor) || cursor.at - keyStart > MAX_KEY_LENGTH) return undefined;
  const node = beginNode(cursor.tape, key, keyStart, keyEnd);
  let value: PlainValue | undefined;
  if (!atLineEnd(cursor)) value = readInline(cursor, column, node, depth);
  else if (skipRestOfLine(cursor) && nextContent(cursor)) {
    value = readBelowKey(cursor, column, node, keyStart, keyEnd, depth);
  }
  if (value === undefined) return undefined;
  map[key] = value;
  return keyEnd;
}

/**
 * YAML allows 1,024 characters from the start of a key to its colon; the last few are left to the other
 * reader.
 */
const MAX_KEY_LENGTH = 1000;

/**
 * The value of a key that ended its line: the deeper lines, or a list at the key's own column, or nothing.
 */
function readBelowKey(
  cursor: Cursor,
  column: number,
  node: number,
  keyStart: number,
  keyEnd: number,
  depth: number,
): PlainValue | undefined {
  if (cursor.column > column) return readBlock(cursor, node, depth + 1);
  if (cursor.column === column && atDash(cursor)) return readBlockList(cursor, column, node, depth + 1);
  endNode(cursor.tape, node, keyStart, keyEnd);
  return null;
}

function readBlockList(cursor: Cursor, column: number, node: number, depth: number): PlainValue | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const { tape } = cursor;
  const list: PlainValue[] = [];
  const start = cursor.at;
  do {
    const dash = cursor.at;
    const item = beginItem(tape);
    cursor.at += 1;
    skipSpaces(cursor);
    const value = readListItem(cursor, column, column + cursor.at - dash, item, depth);
    if (value === undefined || tape.count > MAX_NODES) return undefined;
    list.push(value);
  } while (cursor.column === column && atDash(cursor));
  if (cursor.column > column) return undefined;
  endNode(tape, node, start, start + 1);
  return list;
}

/** @param itemColumn where the item begins: the keys of a map that begins behind the dash all stand there */
function readListItem(
  cursor: Cursor,
  column: number,
  itemColumn: number,
  node: number,
  depth: number,
): PlainValue | undefined {
  if (atLineEnd(cursor)) {
    if (!skipRestOfLine(cursor) || !nextContent(cursor) || cursor.column <= column) return undefined;
    return readBlock(cursor, node, depth + 1);
  }
  if (!atKey(cursor)) return readInline(cursor, column, node, depth);
  return depth < MAX_DEPTH ? readBlockMap(cursor, itemColumn, node, depth + 1) : undefined;
}

/**
 * Reads a value that ends in its line; a deeper line below it would continue it, which is not plain layout.
 */
function readInline(cursor: Cursor, column: number, node: number, depth: number): PlainValue | undefined {
  const start = cursor.at;
  const code = cursor.text.charCodeAt(start);
  const value =
    code === OPEN_BRACKET || code === OPEN_BRACE ? readFlowValue(cursor, depth + 1) : readScalar(cursor);
  if (value === undefined) return undefined;
  endNode(cursor.tape, node, start, cursor.at);
  if (!skipRestOfLine(cursor) || !nextContent(cursor) || cursor.column > column) return undefined;
  return value;
}

function readScalar(cursor: Cursor): PlainScalar | undefined {
  const code = cursor.text.charCodeAt(cursor.at);
  if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) return readQuoted(cursor);
  const source = readPlain(cursor, false);
  return source === undefined ? undefined : resolvePlain(source);
}

/** Moves behind the colon that makes a key of what was read, and to what follows it. */
function skipColon(cursor: Cursor): boolean {
  skipSpaces(cursor);
  if (cursor.text.charCodeAt(cursor.at) !== COLON || !isBlank(cursor.text.charCodeAt(cursor.at + 1)))
    return false;
  cursor.at += 1;
  skipSpaces(cursor);
  return true;
}

function atKey(cursor: Cursor): boolean {
  const start = cursor.at;
  const found = readScalar(cursor) !== undefined && skipColon(cursor);
  cursor.at = start;
  return found;
}

/**
 * At the end of the line, or at a comment; only where white space or an indicator stands before the cursor.
 */
function atLineEnd(cursor: Cursor): boolean {
  const code = cursor.text.charCodeAt(cursor.at);
  return code === HASH || isLineEnd(code);
}

function atDash(cursor: Cursor): boolean {
  return cursor.text.charCodeAt(cursor.at) === DASH && isBlank(cursor.text.charCodeAt(cursor.at + 1));
}
