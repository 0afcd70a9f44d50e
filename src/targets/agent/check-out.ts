/** Writes mail.yaml and what it includes, as a commit has them, into the clone's work tree: no filter ever runs. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { Staged } from '../../diagnostics/diagnostic.ts';
import { commitTree } from '../commit-tree.ts';
import { makeFolders } from '../make-folders.ts';
import { readSources } from '../source-tree.ts';
import type { Clone } from './clone.ts';
import { isGitFolder } from './git-names.ts';

/**
 * `file` is relative to the top of the repository. Files that are as they should be stay untouched, all others
 * go. Gives the absolute path of `file`.
 */
export async function checkOut(clone: Clone, commit: string, file: string): Promise<Staged<string>> {
  const below = posix.dirname(file);
  makeFolders(join(clone.folder, below));
  const opened = await commitTree(join(clone.folder, below), commit);
  if (opened.value === null) return { value: null, diagnostics: opened.diagnostics };
  const read = await readSources(opened.value.tree, posix.basename(file));
  if (read.value === null) return { value: null, diagnostics: read.diagnostics };
  const wanted = new Map(read.value.map(({ path, text }) => [posix.join(below, path), text]));
  assertNotGits(wanted.keys());
  if (!isAsWanted(clone.folder, wanted)) writeTree(clone.folder, wanted);
  await clone.moveHead(commit);
  return { value: join(clone.folder, file), diagnostics: [] };
}

/** git refuses such trees when it fetches them (git-fsck(1), hasDotgit). */
function assertNotGits(paths: Iterable<string>): void {
  for (const path of paths) {
    if (path.split('/').some((part) => isGitFolder(part) || part === '..')) {
      throw new Error(`a commit holds ${JSON.stringify(path)}`);
    }
  }
}

function isAsWanted(folder: string, wanted: ReadonlyMap<string, string>): boolean {
  const there = filesIn(folder);
  return (
    there.length === wanted.size &&
    there.every(({ path, isFile }) => isFile && readFileSync(join(folder, path), 'utf8') === wanted.get(path))
  );
}

interface Entry {
  readonly path: string;
  readonly isFile: boolean;
}

/** Everything that is no folder, at any depth; git's own left out. */
function filesIn(top: string, below = ''): readonly Entry[] {
  return readdirSync(join(top, below), { withFileTypes: true }).flatMap((entry): readonly Entry[] => {
    const path = join(below, entry.name);
    if (path === '.git') return [];
    return entry.isDirectory() ? filesIn(top, path) : [{ path, isFile: entry.isFile() }];
  });
}

function writeTree(folder: string, wanted: ReadonlyMap<string, string>): void {
  for (const name of readdirSync(folder)) {
    if (name !== '.git') rmSync(join(folder, name), { recursive: true, force: true });
  }
  for (const [path, text] of wanted) {
    makeFolders(dirname(join(folder, path)));
    writeFileSync(join(folder, path), text, { flag: 'wx' });
  }
}
