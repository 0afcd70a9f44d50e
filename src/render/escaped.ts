/**
 * The only strings that may enter a template: a type with one door per output syntax (escape/), so that a
 * value of mail.yaml cannot reach a file unescaped, whoever forgets what.
 */
import type { Syntax } from '../model/artifact.ts';

declare const escapedFor: unique symbol;

/** Text that is safe to stand as a value in a file of syntax `S`. Made by src/render/escape/ only. */
export type Escaped<S extends Syntax> = string & { readonly [escapedFor]: S };

/** For the escape functions, and for text that the renderer itself wrote: never for a user's value. */
export function trusted<S extends Syntax>(text: string): Escaped<S> {
  return text as Escaped<S>;
}

/**
 * Thrown by an escape function for a value that its syntax cannot hold at all. `check` rules such values
 * out beforehand, so that one reaching this point is a bug of mailc.
 */
export class UnescapableError extends Error {
  readonly reason: string;

  constructor(syntax: Syntax, reason: string) {
    super(`a value cannot be written as ${syntax}: ${reason}`);
    this.name = 'UnescapableError';
    this.reason = reason;
  }
}

/** Refuses what no output syntax of mailc can carry in a value: C0 and C1 controls, DEL, lone surrogates. */
export function assertPrintable(syntax: Syntax, value: string): void {
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value)) {
    throw new UnescapableError(syntax, 'it has a control character');
  }
  if (!value.isWellFormed()) throw new UnescapableError(syntax, 'it is not well-formed Unicode');
}
