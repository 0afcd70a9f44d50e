/** The reference reader: all of YAML 1.2 that the language allows, with the `yaml` package. */
import type * as Yaml from 'yaml';
import { type Diagnostic, error } from '../diagnostics/diagnostic.ts';
import type { Position } from '../model/position.ts';
import type { PlainValue } from '../model/source-document.ts';
import { loadYaml } from './load-yaml.ts';
import type { PositionTape } from './position-tape.ts';
import { lookAtLexemes, tooDeep } from './yaml-lexemes.ts';
import { readNodes } from './yaml-nodes.ts';
import { type SyntaxFailure, syntaxError } from './yaml-syntax.ts';

export type AnyYaml =
  | { readonly kind: 'read'; readonly value: PlainValue; readonly tape: PositionTape }
  | { readonly kind: 'refused'; readonly diagnostics: readonly Diagnostic[] };

type PositionOf = (start: number, end: number) => Position;

/**
 * @param gaveUpAt where the reader of the plain layout gave up, to point at when the file is too large for
 * this one
 */
export function readAnyYaml(text: string, positionOf: PositionOf, gaveUpAt: number): AnyYaml {
  const refused = (diagnostics: readonly Diagnostic[]): AnyYaml => ({ kind: 'refused', diagnostics });

  const conflict = conflictMarker(text, positionOf);
  if (conflict !== null) return refused([conflict]);
  const findings = lookAtLexemes(text, positionOf);
  if (findings.tooMany) return refused([tooLargeForAnyYaml(positionOf(gaveUpAt, gaveUpAt + 1))]);
  if (findings.refusals.length > 0) return refused(findings.refusals);

  const composed = composeOrFail(text);
  if (composed.kind === 'too-deep') return refused([tooDeep(positionOf(0, 1))]);
  if (composed.kind === 'failed') return refused([syntaxError(text, composed.failure, findings, positionOf)]);
  const { value, tape, diagnostics } = readNodes(composed.document, text, positionOf);
  return diagnostics.length > 0 ? refused(diagnostics) : { kind: 'read', value, tape };
}

type Composed =
  | { readonly kind: 'composed'; readonly document: Yaml.Document.Parsed }
  | { readonly kind: 'failed'; readonly failure: SyntaxFailure }
  | { readonly kind: 'too-deep' };

/**
 * The package collects every error, of which one mistake makes many, as an Error with a stack each: a hostile
 * file would fill the memory with them. So the first one ends the reading, by an exception that stays in
 * here.
 */
function composeOrFail(text: string): Composed {
  const failures: SyntaxFailure[] = [];
  const fail = (failure: SyntaxFailure): never => {
    failures.push(failure);
    throw new Stop();
  };
  try {
    return { kind: 'composed', document: compose(text, fail) };
  } catch (cause) {
    // On its way out the exception makes the package report more; the first failure is what happened.
    const [first] = failures;
    // The package composes by recursion, and indentation can go deeper than any stack.
    if (cause instanceof RangeError || first?.code === 'RESOURCE_EXHAUSTION') return { kind: 'too-deep' };
    if (first === undefined) throw cause;
    return { kind: 'failed', failure: first };
  }
}

class Stop {}

function compose(text: string, fail: (failure: SyntaxFailure) => never): Yaml.Document.Parsed {
  const yaml = loadYaml();
  const parser = new yaml.Parser();
  const composer = new yaml.Composer({ version: '1.2', schema: 'core', merge: false, uniqueKeys: false });
  let document: Yaml.Document.Parsed | null = null;
  // The composer's own hook, which takes a token, an offset or a range.
  Object.assign(composer, {
    onError: (source: ErrorSource, code: string, message: string, isWarning?: boolean) => {
      if (!isWarning) fail({ code, message, ...rangeOf(source) });
    },
  });
  const take = (token: Yaml.CST.Token): void => {
    if (token.type === 'error') fail({ code: 'UNEXPECTED_TOKEN', message: token.message, ...rangeOf(token) });
    for (const composed of composer.next(token)) document = composed;
  };
  for (const lexeme of new yaml.Lexer().lex(text)) for (const token of parser.next(lexeme)) take(token);
  for (const token of parser.end()) take(token);
  for (const composed of composer.end(true, text.length)) document = composed;
  return sound(document, fail);
}

/** Were the hook to go one day, the package would gather its errors here, and they must not go unnoticed. */
function sound(
  document: Yaml.Document.Parsed | null,
  fail: (failure: SyntaxFailure) => never,
): Yaml.Document.Parsed {
  if (document === null) throw new Error('the yaml package ended without a document');
  const [first] = document.errors;
  if (first !== undefined) fail({ ...first, start: first.pos[0], end: first.pos[1] });
  return document;
}

type ErrorSource = number | readonly [number, number, ...number[]] | { offset: number; source?: string };

function rangeOf(source: ErrorSource): { readonly start: number; readonly end: number } {
  if (typeof source === 'number') return { start: source, end: source + 1 };
  if ('offset' in source) return { start: source.offset, end: source.offset + (source.source?.length ?? 1) };
  return { start: source[0], end: source[1] };
}

function conflictMarker(text: string, positionOf: PositionOf): Diagnostic | null {
  const found = /^(?:<{7}|>{7}|={7})(?=[ \r\n]|$)/m.exec(text);
  if (found === null) return null;
  return error(
    'merge-conflict',
    positionOf(found.index, found.index + 7),
    'a merge conflict was left unresolved',
    {
      hint: 'keep one of the two sides and delete the markers',
    },
  );
}

function tooLargeForAnyYaml(position: Position): Diagnostic {
  return error('yaml-too-large', position, 'this file is too large for all that YAML allows', {
    hint: 'here it leaves the plain layout (no line breaks in values and brackets), of which more is read',
  });
}
