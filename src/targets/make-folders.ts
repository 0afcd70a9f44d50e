/**
 * Makes a folder and those above it. Node's own `recursive` does not return where a file system answers "no such
 * entry" to making one, as /proc does: it tries the parent, which is there, and then the folder again, for ever.
 */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** `mode`, less the umask, is for the folders that are made. Throws what mkdir(2) refuses. */
export function makeFolders(path: string, mode = 0o755): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = dirname(path);
  if (parent !== path) makeFolders(parent, mode);
  try {
    mkdirSync(path, { mode });
  } catch (cause) {
    // Somebody else made it in the meantime; a file of that name is another matter.
    const isThere = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    if (!isThere) throw cause;
  }
}
