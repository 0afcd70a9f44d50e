/** How an effect says that it met something a user can put right: a diagnostic in the shape of an exception. */
import type { Diagnostic } from './diagnostic.ts';

/** Thrown by targets only; the pure stages return their diagnostics. */
export class DiagnosticError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(...diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((diagnostic) => diagnostic.message).join('; '));
    this.name = 'DiagnosticError';
    this.diagnostics = diagnostics;
  }
}
