/** What the parts of `resolve` share: where each written value stands, and one list of all that is wrong. */
import type { DiagnosticCode } from '../diagnostics/catalogue/index.ts';
import { type Diagnostic, error, type RelatedPosition, warning } from '../diagnostics/diagnostic.ts';
import { suggest } from '../diagnostics/suggest.ts';
import type { WarningCode } from '../diagnostics/warning-codes.ts';
import type { Position } from '../model/position.ts';
import type { WrittenConfig } from '../model/written-config.ts';
import { parseDomainName } from './domain-name.ts';
import type { Parsed } from './parsed.ts';

export interface Scope {
  /** As {@link parseDomainName}; thousands of addresses share a few domains, so each spelling is read once. */
  readonly parseDomain: (text: string) => Parsed<string>;
  readonly at: WrittenConfig['positionOf'];
  readonly error: Report<DiagnosticCode>;
  readonly warning: Report<WarningCode>;
  /** A hint that names the nearest of the known words, or undefined where none is near. */
  readonly suggest: (word: string, known: Iterable<string>) => string | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

type Report<Code> = (code: Code, position: Position, message: string, rest?: Rest) => void;

interface Rest {
  readonly hint?: string | undefined;
  readonly related?: readonly RelatedPosition[];
  readonly concealed?: boolean;
}

/** After so many, who reads on has seen the pattern, and a file of thousands of faults must not take minutes. */
const mostSuggestions = 20;

export function scopeOf(written: WrittenConfig): Scope {
  const diagnostics: Diagnostic[] = [];
  const domains = new Map<string, Parsed<string>>();
  let suggestions = 0;
  const reporter =
    (build: typeof error): Report<DiagnosticCode> =>
    (code, position, message, { hint, ...rest } = {}) => {
      diagnostics.push(build(code, position, message, { ...rest, ...(hint === undefined ? {} : { hint }) }));
    };
  return {
    parseDomain: (text) => {
      const known = domains.get(text) ?? parseDomainName(text);
      domains.set(text, known);
      return known;
    },
    at: written.positionOf,
    error: reporter(error),
    warning: reporter(warning),
    suggest: (word, known) => {
      suggestions += 1;
      const near = suggestions > mostSuggestions ? null : suggest(word, [...known]);
      return near === null ? undefined : `did you mean "${near}"?`;
    },
    diagnostics,
  };
}
