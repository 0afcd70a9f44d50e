/**
 * One git process that is asked for objects, one after another: every plan wants to know a few of the last commit,
 * and simple-git, which starts a process for each question, takes longer to load than git to answer.
 */
import { spawn } from 'node:child_process';
import type { GitTreeEntry } from './git.ts';
import { gitEnvironment } from './git-environment.ts';

export interface GitObjects {
  /** What a name (gitrevisions(7)) leads to; null when that is nothing, or where git cannot read a repository. */
  readonly read: (name: string) => Promise<GitObject | null>;
  readonly close: () => void;
}

export interface GitObject {
  /** 40 hex digits, or 64 in a SHA-256 repository. */
  readonly id: string;
  readonly content: Buffer;
}

/** Of the repository that `folder` (absolute) is in. Close it, or the process stays. */
export function openGitObjects(folder: string): GitObjects {
  const git = spawn('git', ['cat-file', '--batch'], {
    cwd: folder,
    env: gitEnvironment(),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // Without git, and where there is no repository, its answers end before they begin: that is all there is to know.
  git.on('error', () => {});
  git.stdin.on('error', () => {});
  const answers = git.stdout.iterator({ destroyOnReturn: false });
  let pending = Buffer.alloc(0);
  const wait = async (isThere: () => boolean): Promise<boolean> => {
    while (!isThere()) {
      const next = await answers.next().catch(() => ({ done: true, value: undefined }));
      if (next.done === true) return false;
      pending = Buffer.concat([pending, next.value as Buffer]);
    }
    return true;
  };
  /** git-cat-file(1): `ID TYPE SIZE`, a newline, the bytes, a newline; or `NAME missing`, a newline. */
  const ask = async (name: string): Promise<GitObject | null> => {
    git.stdin.write(`${name}\n`);
    if (!(await wait(() => pending.includes(0x0a)))) return null;
    const start = pending.indexOf(0x0a) + 1;
    const header = pending.toString('latin1', 0, start);
    const [, id, size] = /^([0-9a-f]{40,64}) [a-z]+ ([0-9]+)\n$/.exec(header) ?? [];
    const end = start + Number(size);
    if (id !== undefined && !(await wait(() => pending.length > end))) return null;
    const content = id === undefined ? null : pending.subarray(start, end);
    pending = pending.subarray(content === null ? start : end + 1);
    return id === undefined || content === null ? null : { id, content };
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    read: (name) => {
      const answer = last.then(() => ask(name));
      last = answer;
      return answer;
    },
    close: () => void git.stdin.end(),
  };
}

/** A tree object: for each entry its mode, a space, its name, NUL and the bytes of its id. */
export function treeEntries({ id, content }: GitObject): readonly GitTreeEntry[] {
  const entries: GitTreeEntry[] = [];
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const nul = content.indexOf(0, space);
    const next = nul + 1 + id.length / 2;
    const mode = content.toString('latin1', at, space).padStart(6, '0');
    entries.push({
      mode,
      type: mode === '040000' ? 'tree' : mode === '160000' ? 'commit' : 'blob',
      id: content.toString('hex', nul + 1, next),
      size: null,
      name: content.toString('utf8', space + 1, nul),
    });
    at = next;
  }
  return entries;
}
