/** Says which commit the source files are of, and whether they are as that commit has them. */
import { createHash } from 'node:crypto';
import type { SourceFile } from '../model/source-document.ts';
import { objectsOf } from './commit-tree.ts';
import type { GitTreeEntry } from './git.ts';
import { type GitObjects, openGitObjects, treeEntries } from './git-objects.ts';
import { includedPaths, type SourceTree } from './source-tree.ts';

export interface SourceStatus {
  /** 40 hex digits, or 64 in a SHA-256 repository; null where the files are in no commit's repository. */
  readonly commit: string | null;
  /** Whether mail.yaml or what it includes differs from that commit; true where there is no commit. */
  readonly dirty: boolean;
  /** `Name <address>` of the commit's author. */
  readonly author: string | null;
}

/**
 * `folder` is that of the entry, `files` what readSources found in it: the entry, then its includes. Only
 * these count. They are compared by the ids of their blobs, so that neither filters nor fsmonitor run.
 */
export async function sourceStatus(folder: string, files: readonly SourceFile[]): Promise<SourceStatus> {
  const git = openGitObjects(folder);
  try {
    const commit = await git.read('HEAD^{commit}');
    if (commit === null) return { commit: null, dirty: true, author: null };
    // The name of the folder is not spelled: git knows where it was started.
    const tree = await git.read(`${commit.id}:./`);
    const dirty = tree === null || !(await isAsCommitted(git, tree.id, files));
    return { commit: commit.id, dirty, author: authorOf(commit.content.toString('utf8')) };
  } finally {
    git.close();
  }
}

function authorOf(commit: string): string {
  return /^author (.*) [0-9]+ [+-][0-9]+$/m.exec(commit)?.[1] ?? '';
}

async function isAsCommitted(git: GitObjects, tree: string, files: readonly SourceFile[]): Promise<boolean> {
  const listTree = async (id: string): Promise<readonly GitTreeEntry[]> => {
    const object = await git.read(id);
    return object === null ? [] : treeEntries(object);
  };
  const objects = objectsOf({ prefix: '', listTree }, tree);
  for (const file of files) {
    const entry = await objects.find(file.path);
    if (entry === null || entry.mode === '120000' || !hasId(file.text, entry.id)) return false;
  }
  const [entry, ...included] = files;
  if (entry === undefined) return false;
  // A file that was deleted and not committed as deleted: the commit includes more than the folder does.
  const list: SourceTree['list'] = async (path) =>
    (await objects.list(path)).map(({ name, type }) => ({ name, isFolder: type === 'tree' }));
  const committed = await includedPaths({ list }, entry);
  return committed.value !== null && committed.value.length === included.length;
}

/** Whether git would give this text that id, as it is or with the line ends that git stores. */
function hasId(text: string, id: string): boolean {
  return blobId(text, id.length) === id || blobId(text.replaceAll('\r\n', '\n'), id.length) === id;
}

/** git-hash-object(1): SHA-1, or SHA-256 where ids have 64 digits. */
function blobId(text: string, digits: number): string {
  const bytes = Buffer.from(text, 'utf8');
  return createHash(digits === 40 ? 'sha1' : 'sha256')
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest('hex');
}
