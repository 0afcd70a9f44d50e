/**
 * A first look at the lexemes of a file in full YAML. It refuses what mailc leaves out of the language before
 * anything is built from it, so that neither aliases nor depth nor sheer number can exhaust memory, and notes
 * where brackets and quotes go wrong, since the parser only sees where that begins to matter.
 */
import { type Diagnostic, error } from '../diagnostics/diagnostic.ts';
import type { Position } from '../model/position.ts';
import { MAX_DEPTH } from './cursor.ts';
import { loadYaml } from './load-yaml.ts';

/** A lexeme costs the parser some 300 bytes; 80,000 users are below this. */
const MAX_LEXEMES = 2_000_000;

/** Enough to see what is wrong; a file with more is wrong in the same way everywhere. */
const MAX_REFUSALS = 20;

export interface LexemeFindings {
  readonly refusals: readonly Diagnostic[];
  /** Whether there are more lexemes than mailc reads in full YAML. */
  readonly tooMany: boolean;
  /** The first bracket that is never closed, or that another kind of bracket closes. */
  readonly bracket: BracketMistake | null;
  /** Where the first quoted scalar begins that never ends. */
  readonly openQuote: number | null;
}

export interface BracketMistake {
  readonly open: { readonly offset: number; readonly bracket: string };
  readonly close: { readonly offset: number; readonly bracket: string } | null;
}

type PositionOf = (start: number, end: number) => Position;

export function lookAtLexemes(text: string, positionOf: PositionOf): LexemeFindings {
  const yaml = loadYaml();
  const refusals: Diagnostic[] = [];
  const brackets: { offset: number; bracket: string }[] = [];
  let bracketMistake: BracketMistake | null = null;
  let openQuote: number | null = null;
  let count = 0;
  let offset = 0;
  let scalarNext = false;
  let begun = false;
  let ended = false;
  let indicatorsInARow = 0;

  const findings = (tooMany: boolean): LexemeFindings => {
    const unclosed = brackets[0];
    if (unclosed !== undefined) bracketMistake ??= { open: unclosed, close: null };
    return { refusals, tooMany, bracket: bracketMistake, openQuote };
  };
  /** One a line: where one alias stands, others are not far. */
  const refuse = (refusal: Diagnostic): void => {
    if (refusals.at(-1)?.position?.line !== refusal.position?.line) refusals.push(refusal);
  };

  for (const lexeme of new yaml.Lexer().lex(text)) {
    if (++count > MAX_LEXEMES) return findings(true);
    if (refusals.length >= MAX_REFUSALS) break;
    const type = scalarNext ? 'plain-scalar' : yaml.CST.tokenType(lexeme);
    const position = (): Position => positionOf(offset, offset + lexeme.length);
    scalarNext = false;
    switch (type) {
      // These three say something of the next lexeme and stand for no text.
      case 'scalar':
        scalarNext = true;
        continue;
      case 'doc-mode':
        continue;
      case 'flow-error-end': {
        const open = brackets.shift();
        brackets.length = 0;
        if (open !== undefined) bracketMistake ??= { open, close: null };
        continue;
      }
      case 'doc-start':
        if (begun || ended) refuse(secondDocument(position()));
        begun = true;
        break;
      case 'doc-end':
        ended = true;
        break;
      case 'directive-line':
        refuse(directive(position()));
        break;
      case 'anchor':
      case 'alias':
        refuse(anchorOrAlias(type, lexeme, position()));
        break;
      case 'tag':
        refuse(tag(position()));
        break;
      case 'seq-item-ind':
      case 'explicit-key-ind':
      case 'map-value-ind':
        indicatorsInARow += 1;
        break;
      case 'flow-map-start':
      case 'flow-seq-start':
        brackets.push({ offset, bracket: lexeme });
        break;
      case 'flow-map-end':
      case 'flow-seq-end': {
        const open = brackets.pop();
        const fits = open?.bracket === (type === 'flow-map-end' ? '{' : '[');
        if (open !== undefined && !fits) bracketMistake ??= { open, close: { offset, bracket: lexeme } };
        break;
      }
      case 'double-quoted-scalar':
      case 'single-quoted-scalar':
        if (lexeme.length === 1 || !lexeme.endsWith(lexeme.charAt(0))) openQuote ??= offset;
        break;
    }
    if (isContent(type)) {
      if (ended) refuse(secondDocument(position()));
      ended = false;
      begun = true;
    }
    if (brackets.length > MAX_DEPTH || indicatorsInARow > MAX_DEPTH) {
      refuse(tooDeep(position()));
      break;
    }
    if (!nestsInLine(type)) indicatorsInARow = 0;
    offset += lexeme.length;
  }
  return findings(false);
}

/** `- - - a` nests in one line, with nothing but spaces between the indicators. */
function nestsInLine(type: string | null): boolean {
  return (
    type === 'seq-item-ind' || type === 'explicit-key-ind' || type === 'map-value-ind' || type === 'space'
  );
}

function isContent(type: string | null): boolean {
  switch (type) {
    case 'byte-order-mark':
    case 'space':
    case 'newline':
    case 'comment':
    case 'doc-start':
    case 'doc-end':
    case 'directive-line':
      return false;
    default:
      return true;
  }
}

export function tooDeep(position: Position): Diagnostic {
  return error('yaml-too-deep', position, `maps and lists are nested more than ${MAX_DEPTH} deep`, {
    hint: 'no setting lies deeper than six; look for an indentation or a bracket that went wrong above',
  });
}

function secondDocument(position: Position): Diagnostic {
  return error('yaml-documents', position, 'a second YAML document begins here', {
    hint: 'put it into a file of its own and name that under "include"',
  });
}

function directive(position: Position): Diagnostic {
  return error(
    'yaml-directive',
    position,
    'a line that begins with "%" is a YAML directive, and mailc has none',
    {
      hint: 'delete the line; mailc reads YAML 1.2',
    },
  );
}

function tag(position: Position): Diagnostic {
  return error('yaml-tag', position, 'an unquoted "!" begins a YAML tag, and mailc has none', {
    hint: 'delete the tag, or put the value in quotes when the "!" belongs to it',
  });
}

function anchorOrAlias(type: 'anchor' | 'alias', source: string, position: Position): Diagnostic {
  if (type === 'alias' && source.includes('@')) {
    return error('yaml-alias', position, 'an unquoted "*" begins a YAML alias, and mailc has none', {
      hint: 'a catch-all stands under its domain: example.com: { catch_all: bob@example.com }',
    });
  }
  const [letter, word] = type === 'anchor' ? ['&', 'anchor'] : ['*', 'alias'];
  return error('yaml-alias', position, `an unquoted "${letter}" begins a YAML ${word}, and mailc has none`, {
    hint: `write the value out, or put it in quotes when the "${letter}" belongs to it`,
  });
}
