/** Lists and maps of the plain layout that are written in brackets on one line. */

import type { PlainValue } from '../model/source-document.ts';
import { resolvePlain } from './core-schema.ts';
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  type Cursor,
  DOUBLE_QUOTE,
  MAX_DEPTH,
  MAX_NODES,
  OPEN_BRACE,
  OPEN_BRACKET,
  SINGLE_QUOTE,
  SPACE,
  skipSpaces,
} from './cursor.ts';
import { keyName } from './key-names.ts';
import { readPlain, readQuoted } from './plain-layout-scalar.ts';
import { beginItem, beginNode, endNode } from './position-tape.ts';

/** Reads the value that begins at the cursor; undefined where it is not in the plain layout. */
export function readFlowValue(cursor: Cursor, depth: number): PlainValue | undefined {
  switch (cursor.text.charCodeAt(cursor.at)) {
    case DOUBLE_QUOTE:
    case SINGLE_QUOTE:
      return readQuoted(cursor);
    case OPEN_BRACKET:
      return readFlowList(cursor, depth);
    case OPEN_BRACE:
      return readFlowMap(cursor, depth);
    default: {
      const source = readPlain(cursor, true);
      return source === undefined ? undefined : resolvePlain(source);
    }
  }
}

function readFlowList(cursor: Cursor, depth: number): PlainValue | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const { text, tape } = cursor;
  const list: PlainValue[] = [];
  cursor.at += 1;
  skipSpaces(cursor);
  while (text.charCodeAt(cursor.at) !== CLOSE_BRACKET) {
    const start = cursor.at;
    const node = beginItem(tape);
    const value = readFlowValue(cursor, depth + 1);
    if (value === undefined || node > MAX_NODES) return undefined;
    endNode(tape, node, start, cursor.at);
    list.push(value);
    if (!endItem(cursor, CLOSE_BRACKET)) return undefined;
  }
  cursor.at += 1;
  return list;
}

function readFlowMap(cursor: Cursor, depth: number): PlainValue | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const { text, tape } = cursor;
  const map: Record<string, PlainValue> = Object.create(null);
  cursor.at += 1;
  skipSpaces(cursor);
  while (text.charCodeAt(cursor.at) !== CLOSE_BRACE) {
    const keyStart = cursor.at;
    const source = readFlowValue(cursor, MAX_DEPTH + 1);
    if (typeof source !== 'string') return undefined;
    const key = keyName(cursor.names, source);
    if (key in map) return undefined;
    const node = beginNode(tape, key, keyStart, cursor.at);
    skipSpaces(cursor);
    if (text.charCodeAt(cursor.at) !== COLON || text.charCodeAt(cursor.at + 1) !== SPACE) return undefined;
    cursor.at += 1;
    skipSpaces(cursor);
    const start = cursor.at;
    const value = readFlowValue(cursor, depth + 1);
    if (value === undefined || node > MAX_NODES) return undefined;
    endNode(tape, node, start, cursor.at);
    map[key] = value;
    if (!endItem(cursor, CLOSE_BRACE)) return undefined;
  }
  cursor.at += 1;
  return map;
}

/** Moves behind the comma that follows an item, which the last item may lack. */
function endItem(cursor: Cursor, close: number): boolean {
  skipSpaces(cursor);
  const code = cursor.text.charCodeAt(cursor.at);
  if (code === close) return true;
  if (code !== COMMA) return false;
  cursor.at += 1;
  skipSpaces(cursor);
  return true;
}
