/** Opens a session wherever it is asked for, and makes sure that the server is one that mailc can work with. */
import { error } from '../../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../../diagnostics/diagnostic-error.ts';
import { openEmbedded } from './embedded-session.ts';
import { databaseFailure } from './failure.ts';
import type { DatabaseLocation } from './location.ts';
import { connectToServer } from './server-session.ts';
import type { Session } from './session.ts';

export interface Connected {
  readonly session: Session;
  /** Says where the database is, without a password. */
  readonly name: string;
  /** To be kept out of messages; null when there is none. */
  readonly password: string | null;
}

/** Throws DiagnosticError when it cannot be reached, refuses or is too old. */
export async function connect(location: DatabaseLocation): Promise<Connected> {
  return prepared(
    location.kind === 'embedded' ? await openEmbedded(location.folder) : await connectToServer(location.url),
  );
}

/** For a connection that stands; one to a server that will not do is closed. Throws DiagnosticError. */
export async function prepared(connected: Connected): Promise<Connected> {
  try {
    await prepare(connected.session, connected.name);
  } catch (cause) {
    await connected.session.close().catch(() => {});
    throw databaseFailure(cause, {
      database: connected.name,
      phase: 'connect',
      password: connected.password,
    });
  }
  return connected;
}

async function prepare(session: Session, name: string): Promise<void> {
  // With this path nobody's functions but the server's own can answer.
  const { rows } = await session.query(`SET search_path = pg_catalog, pg_temp;
SELECT current_setting('server_version_num')::int, current_setting('server_version')`);
  const [number, version] = rows[0] ?? [];
  if (Number(number) >= 150_000) return;
  const message = `${name}: the server is PostgreSQL ${String(version)}, and mailc needs 15 or later`;
  throw new DiagnosticError(error('database-server-too-old', null, message));
}
