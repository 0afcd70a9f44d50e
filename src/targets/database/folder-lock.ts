/**
 * Keeps two processes from opening the same embedded database, which would destroy it. Each writes a file of
 * its own and only then looks for others, so of two that come at once at least one sees the other. Files of
 * processes that have ended count for nothing; no name is ever used twice, so that removing one is safe.
 */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type FolderLock = { readonly release: () => void } | { readonly heldBy: number };

interface Owner {
  readonly pid: number;
  /** Tells a process from a later one with the same number; null where the system does not say. */
  readonly started: string | null;
}

export async function lockFolder(folder: string): Promise<FolderLock> {
  for (let attempt = 1; ; attempt++) {
    const lock = tryLock(folder);
    // Two at once can both step back; the other one may also be about to end.
    if ('release' in lock || attempt === 5) return lock;
    await sleep(50 + Math.random() * 100);
  }
}

function tryLock(folder: string): FolderLock {
  const own = `lock.${process.pid}.${randomUUID()}`;
  const path = join(folder, own);
  // Whole or not at all, so that nobody reads half a file.
  writeFileSync(`${path}.new`, JSON.stringify({ pid: process.pid, started: startOf(process.pid) }), {
    mode: 0o600,
  });
  renameSync(`${path}.new`, path);
  const release = () => rmSync(path, { force: true });
  for (const other of readdirSync(folder)) {
    if (!other.startsWith('lock.') || other === own || other.endsWith('.new')) continue;
    const owner = readOwner(join(folder, other));
    if (owner !== null && isAlive(owner)) {
      release();
      return { heldBy: owner.pid };
    }
    rmSync(join(folder, other), { force: true });
  }
  return { release };
}

/** Null when it was removed in the meantime. */
function readOwner(path: string): Owner | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw cause;
  }
}

function isAlive({ pid, started }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    // EPERM: it is somebody else's process, but it is there.
    if ((cause as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return started === null || startOf(pid) === started;
}

/** When a process was started, in clock ticks since boot: field 22 of proc_pid_stat(5). */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
