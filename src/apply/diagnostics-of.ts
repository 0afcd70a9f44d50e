/** What a failure is called in the end. */
import { type Diagnostic, error } from '../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../diagnostics/diagnostic-error.ts';

/** Of whatever was thrown: a target's own, or one that quotes the system. */
export function diagnosticsOf(cause: unknown): readonly Diagnostic[] {
  if (cause instanceof DiagnosticError) return cause.diagnostics;
  const message = cause instanceof Error ? cause.message : String(cause);
  return [error('apply-failed', null, message)];
}
