/** The files as a commit has them, read from git's objects: no checkout is touched. */
import type { Staged } from '../diagnostics/diagnostic.ts';
import { type GitRepository, type GitTreeEntry, openRepository } from './git.ts';
import { mostBytes, type SourceTree, type TreeEntry, type Unreadable } from './source-tree.ts';

export interface CommitTree {
  /** 40 hex digits, or 64 in a SHA-256 repository. */
  readonly commit: string;
  readonly tree: SourceTree;
}

/** The tree below `folder` (absolute, and there now) as the commit that `ref` names has it. */
export async function commitTree(folder: string, ref: string): Promise<Staged<CommitTree>> {
  const opened = await openRepository(folder);
  if (opened.value === null) return { value: null, diagnostics: opened.diagnostics };
  const resolved = await opened.value.resolveCommit(ref);
  if (resolved.value === null) return { value: null, diagnostics: resolved.diagnostics };
  const tree = treeOf(opened.value, objectsOf(opened.value, resolved.value));
  return { value: { commit: resolved.value, tree }, diagnostics: [] };
}

/** What a commit holds below the opened folder: by path, the entry of the tree; null where there is none. */
export interface CommitObjects {
  readonly find: (path: string) => Promise<GitTreeEntry | null>;
  readonly list: (folder: string) => Promise<readonly GitTreeEntry[]>;
}

/** `root` is the id of the commit, or of the tree, that the repository's prefix begins at. */
export function objectsOf(
  repository: Pick<GitRepository, 'prefix' | 'listTree'>,
  root: string,
): CommitObjects {
  type Tree = ReadonlyMap<string, GitTreeEntry>;
  const trees = new Map<string, Promise<Tree>>();
  const treeAt = (path: string): Promise<Tree> => {
    const tree = trees.get(path) ?? readTree(path);
    trees.set(path, tree);
    return tree;
  };
  // From id to id, so that no path is ever an argument.
  const readTree = async (path: string): Promise<Tree> => {
    const id = path === '' ? root : await treeId(path);
    const entries = id === null ? [] : await repository.listTree(id);
    return new Map(entries.map((entry) => [entry.name, entry]));
  };
  const treeId = async (path: string): Promise<string | null> => {
    const entry = await entryAt(path);
    return entry?.type === 'tree' ? entry.id : null;
  };
  const entryAt = async (path: string): Promise<GitTreeEntry | null> => {
    const slash = path.lastIndexOf('/');
    const tree = await treeAt(slash < 0 ? '' : path.slice(0, slash));
    return tree.get(path.slice(slash + 1)) ?? null;
  };
  return {
    find: (path) => entryAt(repository.prefix + path),
    list: async (folder) => [...(await treeAt((repository.prefix + folder).replace(/\/$/, ''))).values()],
  };
}

function treeOf(repository: GitRepository, objects: CommitObjects): SourceTree {
  const read = async (paths: readonly string[]): Promise<readonly (Uint8Array | Unreadable)[]> => {
    const found = await Promise.all(paths.map(async (path) => readable(await objects.find(path))));
    const ids = found.flatMap((entry) => ('id' in entry ? [entry.id] : []));
    const contents = await repository.readBlobs(ids);
    const blobs = new Map(ids.map((id, index) => [id, contents[index] ?? notFetched]));
    return found.map((entry) => ('id' in entry ? (blobs.get(entry.id) ?? notFetched) : entry));
  };
  return {
    read,
    readEntry: async (path) => (await read([path]))[0] ?? missing,
    list: async (folder) =>
      (await objects.list(folder)).map(({ name, type }): TreeEntry => ({ name, isFolder: type === 'tree' })),
  };
}

const missing: Unreadable = { unreadable: 'missing', reason: 'the commit has no such file' };

const notFetched: Unreadable = {
  unreadable: 'refused',
  reason: 'this clone does not have its content, which git fetch --refetch brings',
};

function readable(entry: GitTreeEntry | null): GitTreeEntry | Unreadable {
  if (entry === null) return missing;
  if (entry.type === 'tree') return { unreadable: 'folder', reason: 'it is a folder' };
  if (entry.type === 'commit') return { unreadable: 'refused', reason: 'it is a submodule' };
  if (entry.mode === '120000') {
    return { unreadable: 'refused', reason: 'it is a symbolic link, which is not followed in a commit' };
  }
  if ((entry.size ?? 0) > mostBytes) return { unreadable: 'too-large', reason: 'it is larger than 64 MB' };
  return entry;
}
