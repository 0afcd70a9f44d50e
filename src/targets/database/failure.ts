/** Turns what a database driver throws into a diagnostic with a cure, and without a password. */
import type { DiagnosticCode } from '../../diagnostics/catalogue/index.ts';
import { error } from '../../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../../diagnostics/diagnostic-error.ts';

/** What a driver's error has, beyond its message; see "PostgreSQL Error Codes" in the manual, appendix A. */
interface DriverError {
  readonly message: string;
  readonly code?: unknown;
  /** The server's own hint. */
  readonly hint?: unknown;
  readonly errors?: readonly unknown[];
}

const codes: Readonly<Record<string, DiagnosticCode>> = {
  '25006': 'database-permission', // read-only, such as a standby
  '28000': 'database-login-refused',
  '28P01': 'database-login-refused',
  '3D000': 'database-not-found',
  '42501': 'database-permission',
  '53300': 'database-unreachable', // too many connections
  '55P03': 'database-locked',
  '57P03': 'database-unreachable', // starting up or shutting down
  MC001: 'database-too-new',
  MC002: 'database-role-unfit',
  MC004: 'database-server-too-old',
};

/**
 * `database` is its name, `phase` whether the connection stood already. The message is the server's or the
 * driver's first line only: their details can hold a whole row.
 */
export function databaseFailure(
  cause: unknown,
  {
    database,
    phase,
    password,
  }: { readonly database: string; readonly phase: 'connect' | 'use'; readonly password: string | null },
): DiagnosticError {
  if (cause instanceof DiagnosticError) return cause;
  const { code, message, hint } = innermost(cause);
  const diagnosticCode =
    (typeof code === 'string' ? codes[code] : undefined) ?? fallback(code, message, phase);
  const line = scrub(message.split('\n', 1)[0] ?? '', password);
  const cure = cureFor(line, typeof hint === 'string' ? scrub(hint, password) : null);
  return new DiagnosticError(
    error(diagnosticCode, null, `${database}: ${line}`, cure === null ? {} : { hint: cure }),
  );
}

/** A name with several addresses fails with one error for each of them. */
function innermost(cause: unknown): DriverError {
  if (!(cause instanceof Error)) return { message: String(cause) };
  const failure: DriverError = cause;
  const [first] = failure.errors ?? [];
  return first === undefined ? failure : innermost(first);
}

function fallback(code: unknown, message: string, phase: 'connect' | 'use'): DiagnosticCode {
  if (phase === 'connect') return 'database-unreachable';
  // Class 08, shutdowns, and what the operating system says of sockets.
  const broken = typeof code === 'string' && /^(08|57P0[125]$|E[A-Z]+$)/.test(code);
  return broken || /^Connection terminated|connection error/.test(message)
    ? 'database-connection-lost'
    : 'database-failed';
}

function cureFor(message: string, hint: string | null): string | null {
  if (hint !== null) return hint;
  if (/no encryption/.test(message)) return 'add sslmode=require to the URL, or better sslmode=verify-full';
  if (/does not support SSL/.test(message))
    return 'the server has no TLS: take sslmode out of the URL if the way to it is safe';
  return null;
}

function scrub(text: string, password: string | null): string {
  if (password === null || password === '') return text;
  return text.replaceAll(password, '***').replaceAll(encodeURIComponent(password), '***');
}
