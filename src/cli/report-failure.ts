/** The last resort: whatever was thrown becomes one line and an exit code, never a stack trace. */
import { DiagnosticError } from '../diagnostics/diagnostic-error.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import { printDiagnostics } from './print-diagnostics.ts';

export function reportFailure(io: Io, cause: unknown): ExitCode {
  if (cause instanceof DiagnosticError) {
    printDiagnostics(io, cause.diagnostics, []);
    const isLocked = cause.diagnostics.some(({ code }) => code === 'database-locked');
    return isLocked ? exitCodes.locked : exitCodes.usage;
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  const paint = io.paint('stderr');
  io.stderr(`${paint('red', 'internal error')}: ${message}\n`);
  if (io.environment.MAILC_DEBUG && cause instanceof Error) io.stderr(`${cause.stack ?? ''}\n`);
  else io.stderr('This is a fault of mailc; MAILC_DEBUG=1 prints where.\n');
  return exitCodes.usage;
}
