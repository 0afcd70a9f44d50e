/** One file: the plain layout by the fast reader, everything else by the one that knows all of YAML. */
import { type Diagnostic, error, type Staged } from '../diagnostics/diagnostic.ts';
import type { PlainValue, SourceDocument, SourceFile } from '../model/source-document.ts';
import { readAnyYaml } from './any-yaml.ts';
import { BYTE_ORDER_MARK, refuseUnprintable } from './characters.ts';
import { type LineIndex, lineIndex } from './line-index.ts';
import { readPlainLayout } from './plain-layout.ts';
import { type PositionTape, tapeReader } from './position-tape.ts';

/** In UTF-16 code units: some 300,000 users. Larger sources are split with `include`. */
const MAX_LENGTH = 64 * 1024 * 1024;

const parsed = new WeakMap<SourceFile, Staged<SourceDocument>>();

/**
 * The same file object gives the same result object: an entry is asked for its includes before it is
 * compiled.
 */
export function parseFile(file: SourceFile): Staged<SourceDocument> {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const result = read(file);
  parsed.set(file, result);
  return result;
}

function read(file: SourceFile): Staged<SourceDocument> {
  // The mark belongs to the encoding; neither reader nor any column counts it.
  const text = file.text.startsWith(BYTE_ORDER_MARK) ? file.text.slice(1) : file.text;
  const lines = lineIndex(file.path, text);
  const failed = (diagnostics: readonly Diagnostic[]): Staged<SourceDocument> => ({
    value: null,
    diagnostics,
  });

  if (text.length > MAX_LENGTH) return failed([tooLarge(file)]);
  const unprintable = refuseUnprintable(text, lines.positionOf);
  if (unprintable !== null) return failed([unprintable]);

  const plain = readPlainLayout(text);
  if (plain.kind === 'read') return { value: documentOf(file, plain, lines), diagnostics: [] };
  const any = readAnyYaml(text, lines.positionOf, plain.at);
  if (any.kind === 'read') return { value: documentOf(file, any, lines), diagnostics: [] };
  return failed(any.diagnostics);
}

/** @param read what either reader yields */
export function documentOf(
  file: SourceFile,
  read: { readonly value: PlainValue; readonly tape: PositionTape },
  lines: LineIndex,
): SourceDocument {
  const rangeOf = tapeReader(read.tape);
  return {
    file,
    value: read.value,
    positionOf: (path, part = 'value') => {
      const { start, end } = rangeOf(path, part);
      return lines.positionOf(start, end);
    },
  };
}

function tooLarge(file: SourceFile): Diagnostic {
  const position = { file: file.path, line: 1, column: 1, endColumn: 2 };
  return error('yaml-too-large', position, 'this file is larger than 64 MB', {
    hint: 'split it, and name the parts under "include"',
  });
}
