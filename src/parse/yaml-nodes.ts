/** From the nodes of the `yaml` package to plain values and the tape of their positions. */
import type * as Yaml from 'yaml';
import { type Diagnostic, error } from '../diagnostics/diagnostic.ts';
import type { Position } from '../model/position.ts';
import type { PlainValue } from '../model/source-document.ts';
import { controlCharacterOf, holdsLineBreak } from './characters.ts';
import { MAX_DEPTH } from './cursor.ts';
import { loadYaml } from './load-yaml.ts';
import { beginItem, beginNode, endNode, newTape, type PositionTape, type Range } from './position-tape.ts';
import { tooDeep } from './yaml-lexemes.ts';

/** Enough to see what is wrong; a file with more is wrong in the same way everywhere. */
const MAX_DIAGNOSTICS = 1000;

export interface ReadNodes {
  readonly value: PlainValue;
  readonly tape: PositionTape;
  readonly diagnostics: readonly Diagnostic[];
}

export function readNodes(
  document: Yaml.Document.Parsed,
  text: string,
  positionOf: (start: number, end: number) => Position,
): ReadNodes {
  const { isMap, isScalar, isSeq } = loadYaml();
  const tape = newTape(text.length);
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => {
    if (diagnostics.length < MAX_DIAGNOSTICS) diagnostics.push(diagnostic);
  };
  const at = ({ start, end }: Range): Position => positionOf(start, end);

  /** @param absent where to point when there is no value: its key, or the dash of its item */
  const readNode = (node: unknown, tapeNode: number, absent: Range, depth: number): PlainValue => {
    if (isMap(node)) return readMap(node, tapeNode, depth);
    if (isSeq(node)) return readSeq(node, tapeNode, depth);
    if (!isScalar(node)) {
      endNode(tape, tapeNode, absent.start, absent.end);
      return null;
    }
    const range = rangeOf(node, absent);
    const isAbsent = range.start === range.end;
    endNode(tape, tapeNode, isAbsent ? absent.start : range.start, isAbsent ? absent.end : range.end);
    return readScalar(node.value, range);
  };

  const readScalar = (value: unknown, range: Range): PlainValue => {
    if (typeof value === 'string') {
      const name = controlCharacterOf(value);
      if (name !== null) report(controlCharacter(value, name, at(range)));
      return value;
    }
    return typeof value === 'number' || typeof value === 'boolean' ? value : null;
  };

  const readMap = (node: Yaml.YAMLMap, tapeNode: number, depth: number): PlainValue => {
    const map: Record<string, PlainValue> = Object.create(null);
    const range = rangeOf(node, { start: 0, end: 0 });
    if (depth > MAX_DEPTH) report(tooDeep(at({ start: range.start, end: range.start + 1 })));
    const keys = new Map<string, Range>();
    let mark: Range | null = node.flow ? range : null;
    for (const pair of depth > MAX_DEPTH ? [] : node.items) {
      const keyRange = rangeOf(pair.key, range);
      mark ??= keyRange;
      const key = isScalar(pair.key) ? readScalar(pair.key.value, keyRange) : pair.key;
      if (typeof key !== 'string') {
        report(keyNotString(key, at(keyRange)));
        continue;
      }
      if (node.flow && pair.value === null) report(keyWithoutValue(key, at(keyRange)));
      const first = keys.get(key);
      if (first !== undefined) report(duplicateKey(key, at(first), at(keyRange)));
      else keys.set(key, keyRange);
      const entry = beginNode(tape, key, keyRange.start, keyRange.end);
      map[key] = readNode(pair.value, entry, keyRange, depth + 1);
    }
    mark ??= range;
    endNode(tape, tapeNode, mark.start, mark.end);
    return map;
  };

  const readSeq = (node: Yaml.YAMLSeq, tapeNode: number, depth: number): PlainValue => {
    const range = rangeOf(node, { start: 0, end: 0 });
    const mark = node.flow ? range : { start: range.start, end: range.start + 1 };
    if (depth > MAX_DEPTH) report(tooDeep(at({ start: range.start, end: range.start + 1 })));
    const list = (depth > MAX_DEPTH ? [] : node.items).map((item) => {
      const entry = beginItem(tape);
      return readNode(item, entry, dashBefore(text, rangeOf(item, mark).start, mark), depth + 1);
    });
    endNode(tape, tapeNode, mark.start, mark.end);
    return list;
  };

  const root = beginItem(tape);
  const value = readNode(document.contents, root, { start: 0, end: 0 }, 0);
  return { value, tape, diagnostics };
}

function rangeOf(node: unknown, otherwise: Range): Range {
  const range = (node as { readonly range?: Yaml.Range | null } | null)?.range;
  return range ? { start: range[0], end: range[1] } : otherwise;
}

/** An item without a value has a place but no text; its dash stands for it. */
function dashBefore(text: string, start: number, otherwise: Range): Range {
  let at = start - 1;
  while (text[at] === ' ') at -= 1;
  return text[at] === '-' ? { start: at, end: at + 1 } : otherwise;
}

function controlCharacter(value: string, name: string, position: Position): Diagnostic {
  const extras = { concealed: true, hint: 'write the value in one line, without escape sequences' };
  return holdsLineBreak(value)
    ? error('control-character', position, 'this value holds a line break or a tab', extras)
    : error('control-character', position, `this value holds the character ${name}`, extras);
}

function keyNotString(key: unknown, position: Position): Diagnostic {
  const what = key === null ? 'empty' : typeof key === 'object' ? 'a map or a list' : `a ${typeof key}`;
  return error('yaml-key', position, `a key must be a string, and this one is ${what}`, {
    hint: typeof key === 'object' ? 'delete it, or give it a name' : 'put it in quotes',
  });
}

/** `{password:secret}` is a key of that name without a value, so the key itself is not repeated. */
function keyWithoutValue(key: string, position: Position): Diagnostic {
  return error('yaml-syntax', position, 'a key in braces has no value', {
    hint: key.includes(':') ? 'put a space after the colon' : 'write { key: value }, or [ ] for a list',
    concealed: true,
  });
}

function duplicateKey(key: string, first: Position, second: Position): Diagnostic {
  return error('yaml-duplicate-key', second, `the key "${key}" stands twice in the same map`, {
    hint: 'delete one of the two, or merge them',
    related: [{ message: 'first written here', position: first }],
  });
}
