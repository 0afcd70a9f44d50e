/** The files as they lie in a folder. */
import { open, readdir, realpath, stat } from 'node:fs/promises';
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
    list: (path) => list(join(folder, path)),
  };
}

/** A regular file below the folder: a link must not show a file of the machine in an error message. */
async function readIncluded(folder: string, path: string): Promise<Uint8Array | Unreadable> {
  const location = await realpath(join(folder, path));
  const inside = relative(await realpath(folder), location);
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    return { unreadable: 'refused', reason: 'it is a link that leads out of the folder' };
  }
  const found = await stat(location);
  // Before opening it: opening a pipe waits for someone to write.
  if (!found.isFile() && !found.isDirectory()) return { unreadable: 'refused', reason: 'it is not a file' };
  return readAny(location);
}

/** The user names the entry, and may name a pipe, such as /dev/stdin. */
async function readAny(location: string): Promise<Uint8Array | Unreadable> {
  const file = await open(location, 'r');
  try {
    const found = await file.stat();
    if (found.isDirectory()) return { unreadable: 'folder', reason: 'it is a folder' };
    if (found.size > mostBytes) return tooLarge;
    const chunks: Buffer[] = [];
    let length = 0;
    // A pipe or a device does not say how long it is, and a file may grow.
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

const tooLarge: Unreadable = { unreadable: 'too-large', reason: 'it is larger than 64 MB' };

async function list(location: string): Promise<readonly TreeEntry[]> {
  try {
    const entries = await readdir(location, { withFileTypes: true });
    return await Promise.all(
      entries.map(async (entry) => ({
        name: entry.name,
        isFolder: entry.isSymbolicLink()
          ? await leadsToFolder(join(location, entry.name))
          : entry.isDirectory(),
      })),
    );
  } catch {
    return [];
  }
}

async function leadsToFolder(location: string): Promise<boolean> {
  try {
    return (await stat(location)).isDirectory();
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
