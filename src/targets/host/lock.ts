/**
 * One apply at a time on a host. The lock is a listening socket, so the kernel drops it with its holder,
 * however that ended; the file beside it only says who holds it.
 */
import { createHash } from 'node:crypto';
import { accessSync, constants, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { error } from '../../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../../diagnostics/diagnostic-error.ts';
import { makeFolders } from '../make-folders.ts';

export interface HostLock {
  readonly release: () => Promise<void>;
}

export interface LockHolder {
  readonly pid: number;
  /** ISO 8601. */
  readonly since: string;
  readonly who: string;
}

/** Takes the lock of the folder DATA/mailc, or says who has it (null: someone who has not said so yet). */
export async function takeHostLock(
  folder: string,
  holder: LockHolder,
): Promise<{ readonly lock: HostLock } | { readonly heldBy: LockHolder | null }> {
  prepare(folder);
  const note = join(folder, 'lock');
  const server = await listen(socketName(realpathSync(folder)));
  if (server === null) return { heldBy: readHolder(note) };
  writeFileSync(note, `${JSON.stringify(holder)}\n`, { mode: 0o644 });
  return { lock: { release: () => new Promise((done) => server.close(() => done())) } };
}

/** The first thing that an apply touches on a host, so here is where a wrong `--root` shows. */
function prepare(folder: string): void {
  try {
    makeFolders(folder);
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DiagnosticError(
      error('host-not-writable', null, `the host's folder cannot be written: ${reason}`, {
        hint: 'run mailc apply as root on the host, or give a folder of your own with --root',
      }),
    );
  }
}

/** Abstract on Linux (unix(7)): no file to go stale. Elsewhere a file, which is only ever used for a try-out. */
function socketName(folder: string): string {
  const id = createHash('sha256').update(folder).digest('hex').slice(0, 32);
  return process.platform === 'linux' ? `\0mailc-${id}` : join(tmpdir(), `mailc-${id}.sock`);
}

function listen(name: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE') resolve(null);
      else reject(cause);
    });
    server.listen(name, () => {
      server.unref();
      resolve(server);
    });
  });
}

function readHolder(note: string): LockHolder | null {
  try {
    return JSON.parse(readFileSync(note, 'utf8')) as LockHolder;
  } catch {
    return null;
  }
}
