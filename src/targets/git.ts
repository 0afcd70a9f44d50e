/**
 * Runs git to read a repository, and only that. Names of refs and the repository's own configuration may come
 * from whoever opened a pull request: only plumbing that reads objects is run, never a hook, filter, pager,
 * diff driver or transport, and once a ref was looked up only ids are passed on.
 */
import type { SimpleGit } from 'simple-git';
import { type Diagnostic, error, type Staged } from '../diagnostics/diagnostic.ts';
import { quote } from '../diagnostics/quote.ts';
import { gitEnvironment, readOnly } from './git-environment.ts';

export interface GitRepository {
  /** The path of the opened folder below the top of the repository: `` or `mail/`. */
  readonly prefix: string;
  /** The id of the commit that a branch, tag or id names: 40 hex digits, or 64 in a SHA-256 repository. */
  readonly resolveCommit: (ref: string) => Promise<Staged<string>>;
  /** What a tree or the tree of a commit holds, in git's order. Takes an id only. */
  readonly listTree: (id: string) => Promise<readonly GitTreeEntry[]>;
  /** The contents of blobs, in the order of their ids; null for what this clone does not have. */
  readonly readBlobs: (ids: readonly string[]) => Promise<readonly (Buffer | null)[]>;
  /** `Name <address>` of a commit's author. Takes an id only. */
  readonly author: (commit: string) => Promise<string>;
}

export interface GitTreeEntry {
  /** `100644`, `120000` for a link, `160000` for a submodule, … */
  readonly mode: string;
  readonly type: 'blob' | 'tree' | 'commit';
  readonly id: string;
  /** In bytes; null for what is not a blob. */
  readonly size: number | null;
  /** Bytes that are not UTF-8 are replaced. */
  readonly name: string;
}

/** The repository that `folder` (absolute) is in. */
export async function openRepository(folder: string): Promise<Staged<GitRepository>> {
  let prefix: string;
  try {
    const git = await gitIn(folder);
    prefix = (await git.raw(['rev-parse', '--show-prefix'])).replace(/\n$/, '');
  } catch (cause) {
    return { value: null, diagnostics: [notOpened(cause)] };
  }
  return {
    value: {
      prefix,
      resolveCommit: (ref) => resolveCommit(folder, ref),
      listTree: async (id) => {
        const git = await gitIn(folder);
        return parseTree(await git.raw(['ls-tree', '-z', '-l', '--full-tree', assertId(id)]));
      },
      readBlobs: (ids) => readBlobs(folder, ids),
      author: async (commit) => {
        const git = await gitIn(folder);
        const text = await git.raw(['cat-file', 'commit', assertId(commit)]);
        return /^author (.*) [0-9]+ [+-][0-9]+$/m.exec(text)?.[1] ?? '';
      },
    },
    diagnostics: [],
  };
}

/** `input` goes to the standard input of each command. */
async function gitIn(folder: string, input?: string): Promise<SimpleGit> {
  const { simpleGit } = await import('simple-git');
  return simpleGit({
    baseDir: folder,
    trimmed: false,
    maxConcurrentProcesses: 2,
    allowEnvironment: Object.keys(readOnly),
    ...(input === undefined ? {} : { input: () => input }),
  }).env(gitEnvironment());
}

function notOpened(cause: unknown): Diagnostic {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/ENOENT/.test(message)) {
    return error('git-not-found', null, 'the program git is not installed', { hint: 'install git' });
  }
  const line = /^fatal: (.*)/m.exec(message)?.[1] ?? message.split('\n', 1)[0] ?? '';
  return error('git-no-repository', null, `no git repository can be read here: ${quote(line)}`);
}

async function resolveCommit(folder: string, ref: string): Promise<Staged<string>> {
  const problem = refProblem(ref);
  if (problem !== null) {
    const diagnostic = error('git-ref-invalid', null, `${quote(ref)} is not a ref: ${problem}`, {
      hint: 'give a branch, a tag or a commit, such as origin/main, v1 or HEAD~1',
    });
    return { value: null, diagnostics: [diagnostic] };
  }
  const git = await gitIn(folder);
  let found = '';
  try {
    found = await git.raw(['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]);
  } catch {
    // What git says of it, such as that the name is ambiguous, is no more use than the sentence below.
  }
  const id = found.trim();
  if (isId(id)) return { value: id, diagnostics: [] };
  const diagnostic = error('git-ref-unknown', null, `${quote(ref)} is no commit that this clone has`, {
    hint: 'fetch it first, such as: git fetch origin main; in a workflow set fetch-depth: 0 for actions/checkout',
  });
  return { value: null, diagnostics: [diagnostic] };
}

/** Beyond what gitrevisions(7) allows in names, `..` and `:` make something else than a commit of them. */
function refProblem(ref: string): string | null {
  if (ref === '') return 'it is empty';
  if (ref.startsWith('-')) return 'it begins with "-"';
  if (ref.startsWith('^')) return 'it begins with "^"';
  if (ref.includes('..')) return 'it is a range';
  if (ref.includes(':')) return 'it has a ":"';
  if (/[\u0000-\u0020\u007f-\u009f]/.test(ref)) return 'it has a space or a control character';
  if (ref.length > 1_000) return 'it is longer than any name';
  return null;
}

function parseTree(output: string): readonly GitTreeEntry[] {
  return output
    .split('\0')
    .filter((record) => record !== '')
    .map((record) => {
      const tab = record.indexOf('\t');
      const [mode = '', type = '', id = '', size = '-'] = record.slice(0, tab).split(/ +/);
      return {
        mode,
        type: type as GitTreeEntry['type'],
        id: assertId(id),
        size: size === '-' ? null : Number(size),
        name: record.slice(tab + 1),
      };
    });
}

/** One process for all of them: `ID blob SIZE`, a newline, the bytes, a newline; or `ID missing`, a newline. */
async function readBlobs(folder: string, ids: readonly string[]): Promise<readonly (Buffer | null)[]> {
  if (ids.length === 0) return [];
  const git = await gitIn(folder, `${ids.map(assertId).join('\n')}\n`);
  let output: Buffer;
  try {
    output = await git.binaryCatFile(['--batch']);
  } catch {
    // In a partial clone, git gives up at the first object that it would have to fetch.
    return ids.map(() => null);
  }
  let at = 0;
  return ids.map((id) => {
    const end = output.indexOf(0x0a, at);
    const header = output.toString('latin1', at, end < 0 ? at : end);
    const size = Number(/^[0-9a-f]+ blob ([0-9]+)$/.exec(header)?.[1] ?? Number.NaN);
    if (!header.startsWith(id)) throw new Error(`git answered ${JSON.stringify(header)} for ${id}`);
    at = end + 1 + (Number.isNaN(size) ? 0 : size + 1);
    return Number.isNaN(size) ? null : output.subarray(end + 1, end + 1 + size);
  });
}

function isId(text: string): boolean {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

function assertId(text: string): string {
  if (!isId(text)) throw new Error(`not an object id: ${JSON.stringify(text)}`);
  return text;
}
