/** What the compiler says of the source: data, formatted only at the edge (format/). */
import type { Position } from '../model/position.ts';
import type { DiagnosticCode } from './catalogue/index.ts';

export type Severity = 'error' | 'warning';

export interface Diagnostic {
  /** A stable kebab-case id with a page in docs/diagnostics.md. */
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** The rule that was broken, in one lower-case sentence without a full stop; user values in "quotes". */
  readonly message: string;
  /** Null only where no file is to blame (a flag, the database). */
  readonly position: Position | null;
  /** What to write instead, as something that can be pasted; null when the message says it all. */
  readonly hint: string | null;
  /** Other places that take part, such as the first of two duplicates. */
  readonly related: readonly RelatedPosition[];
  /**
   * Whether the marked text, or the value of the marked key, may be a secret typed in clear. A frame then shows
   * the line up to that value and `***` for the rest. The message and the hint never hold such a value.
   */
  readonly concealed: boolean;
}

/** What differs from "no hint, nothing related, nothing to conceal". */
export interface DiagnosticExtras {
  readonly hint?: string;
  readonly related?: readonly RelatedPosition[];
  readonly concealed?: boolean;
}

export interface RelatedPosition {
  readonly message: string;
  readonly position: Position;
}

/** What every stage returns: its value, unless it reported an error, and all that it has to say. */
export interface Staged<T> {
  /** Null exactly when `diagnostics` holds an error. */
  readonly value: T | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Builds an error. */
export function error(
  code: DiagnosticCode,
  position: Position | null,
  message: string,
  rest: DiagnosticExtras = {},
): Diagnostic {
  return {
    code,
    severity: 'error',
    message,
    position,
    hint: rest.hint ?? null,
    related: rest.related ?? [],
    concealed: rest.concealed ?? false,
  };
}

/** Builds a warning; see {@link error}. */
export function warning(
  code: DiagnosticCode,
  position: Position | null,
  message: string,
  rest: DiagnosticExtras = {},
): Diagnostic {
  return { ...error(code, position, message, rest), severity: 'warning' };
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error');
}

/** Ends a stage: the value when no error was reported, else null. */
export function staged<T>(value: T, diagnostics: readonly Diagnostic[]): Staged<T> {
  return { value: hasErrors(diagnostics) ? null : value, diagnostics };
}
