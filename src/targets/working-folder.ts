/** The files as they lie in a folder. */
import { readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { mostBytes, type SourceTree, type TreeEntry, type Unreadable } from './source-tree.ts';

/** `folder` is absolute. */
export function workingFolder(folder: string): SourceTree {
  return {
    read: async (paths) => {
      const contents: (Uint8Array | Unreadable)[] = [];
      // One after another: a thousand files at once would be a thousand open files.
      for (const path of paths) contents.push(await attempt(() => readIncluded(folder, path)));
      return contents;
    },
    readEntry: (path) => attempt(() => readAny(join(folder, path))),
    list: async (path) => list(join(folder, path)),
  };
}

/** A regular file below the folder: a link must not show a file of the machine in an error message. */
async function readIncluded(folder: string, path: string): Promise<Uint8Array | Unreadable> {
  const location = realpathSync.native(join(folder, path));
  const inside = relative(realpathSync.native(folder), location);
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    return { unreadable: 'refused', reason: 'it is a link that leads out of the folder' };
  }
  const found = statSync(location);
  if (found.isDirectory()) return folderInstead;
  // Before opening it: opening a pipe waits for someone to write.
  return found.isFile() ? readFound(location, found) : { unreadable: 'refused', reason: 'it is not a file' };
}

/** The user names the entry, and may name a pipe, such as /dev/stdin. */
async function readAny(location: string): Promise<Uint8Array | Unreadable> {
  const found = statSync(location);
  if (found.isDirectory()) return folderInstead;
  return readFound(location, found);
}

/** At once where it can be: Node takes longer to load node:fs/promises than the disk to answer. */
async function readFound(location: string, found: Stats): Promise<Uint8Array | Unreadable> {
  // One of the kernel's files has no length until it is read.
  if (!found.isFile() || found.size === 0) return readStream(location);
  return found.size > mostBytes ? tooLarge : readFileSync(location);
}

/** A pipe or a device does not say how long it is, and may let us wait. */
async function readStream(location: string): Promise<Uint8Array | Unreadable> {
  const { open } = await import('node:fs/promises');
  const file = await open(location, 'r');
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of file.createReadStream({ autoClose: false })) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length > mostBytes) return tooLarge;
    }
    return Buffer.concat(chunks);
  } finally {
    await file.close();
  }
}

const folderInstead: Unreadable = { unreadable: 'folder', reason: 'it is a folder' };

const tooLarge: Unreadable = { unreadable: 'too-large', reason: 'it is larger than 64 MB' };

function list(location: string): readonly TreeEntry[] {
  try {
    return readdirSync(location, { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      isFolder: entry.isSymbolicLink() ? leadsToFolder(join(location, entry.name)) : entry.isDirectory(),
    }));
  } catch {
    return [];
  }
}

function leadsToFolder(location: string): boolean {
  try {
    return statSync(location).isDirectory();
  } catch {
    return false;
  }
}

async function attempt(read: () => Promise<Uint8Array | Unreadable>): Promise<Uint8Array | Unreadable> {
  try {
    return await read();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    switch (code) {
      case 'ENOENT':
      case 'ENOTDIR':
        return {
          unreadable: 'missing',
          reason: 'there is no such file',
          hint: 'mailc init writes a first mail.yaml',
        };
      case 'EISDIR':
        return { unreadable: 'folder', reason: 'it is a folder' };
      case 'EACCES':
      case 'EPERM':
        return { unreadable: 'refused', reason: 'permission denied' };
      case 'ELOOP':
        return { unreadable: 'refused', reason: 'its links lead in a circle' };
      default:
        return { unreadable: 'refused', reason: code ?? message };
    }
  }
}
