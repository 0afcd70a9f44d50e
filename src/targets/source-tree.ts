/** Reads mail.yaml and what it includes, from a folder or from a commit, and says what stands in the way. */
import { type Diagnostic, error, type Staged } from '../diagnostics/diagnostic.ts';
import { quote } from '../diagnostics/quote.ts';
import type { Position } from '../model/position.ts';
import type { SourceDocument, SourceFile } from '../model/source-document.ts';
import { parse } from '../parse/parse.ts';
import { decodeUtf8 } from './decode-utf8.ts';
import { matchingPaths, patternProblem } from './include-pattern.ts';

/** A folder with files, wherever it is. Paths are relative to it, with forward slashes, without `.` and `..`. */
export interface SourceTree {
  /** The content of each path, or why there is none. Nothing larger than {@link mostBytes} is read. */
  readonly read: (paths: readonly string[]) => Promise<readonly (Uint8Array | Unreadable)[]>;
  /**
   * As `read`, for the one file that the user named: it may be a link to outside of the folder, or a pipe.
   */
  readonly readEntry: (path: string) => Promise<Uint8Array | Unreadable>;
  /** What a folder holds; `''` is the tree itself. Nothing where it is not there, or not a folder. */
  readonly list: (folder: string) => Promise<readonly TreeEntry[]>;
}

export interface TreeEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

export interface Unreadable {
  readonly unreadable: 'missing' | 'folder' | 'too-large' | 'refused';
  /** As a clause: `there is no such file`. */
  readonly reason: string;
  /** What to do, where the user named the file. */
  readonly hint?: string;
}

/** 64 MB: some 300,000 users. */
export const mostBytes = 64 * 1024 * 1024;

/**
 * The entry first, then its includes by path, each once. An entry that does not parse is returned alone: the
 * stage `parse` says what is wrong with it. Diagnostics name paths as they are relative to the tree.
 */
export async function readSources(tree: SourceTree, entry: string): Promise<Staged<readonly SourceFile[]>> {
  const content = await tree.readEntry(entry);
  const first = sourceFile(entry, content, null);
  if ('code' in first) return { value: null, diagnostics: [first] };
  const { value: paths, diagnostics } = await includedPaths(tree, first);
  if (paths === null) return { value: null, diagnostics };
  const contents = await tree.read(paths.map(({ path }) => path));
  const included = contents.map((one, index) => {
    const { path, position } = paths[index] ?? { path: '', position: null };
    return sourceFile(path, one, position);
  });
  const problems = included.filter((file) => 'code' in file);
  if (problems.length > 0) return { value: null, diagnostics: problems };
  return { value: [first, ...included.filter((file) => 'text' in file)], diagnostics: [] };
}

export interface IncludedPath {
  readonly path: string;
  /** Of the pattern that matched it. */
  readonly position: Position;
}

/** What `include` of the entry matches in this tree, sorted by path; the entry itself is never among it. */
export async function includedPaths(
  tree: Pick<SourceTree, 'list'>,
  entry: SourceFile,
): Promise<Staged<readonly IncludedPath[]>> {
  const found = new Map<string, IncludedPath>();
  const diagnostics: Diagnostic[] = [];
  for (const { pattern, position } of includePatterns(entry)) {
    const problem = patternProblem(pattern);
    if (problem !== null) {
      diagnostics.push(error(problem.code, position, problem.message));
      continue;
    }
    const paths = await matchingPaths(tree, pattern);
    if (paths.length === 0) {
      diagnostics.push(
        error('include-matches-nothing', position, `no file matches ${quote(pattern)}`, {
          hint: 'paths are relative to the folder of the file that includes',
        }),
      );
    }
    for (const path of paths) {
      if (path !== entry.path && !found.has(path)) found.set(path, { path, position });
    }
  }
  if (diagnostics.length > 0) return { value: null, diagnostics };
  return { value: [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1)), diagnostics: [] };
}

interface Pattern {
  readonly pattern: string;
  readonly position: Position;
}

/** None where `include` is not a list of text: the stage `validate` says so. */
function includePatterns(entry: SourceFile): readonly Pattern[] {
  // A key can be spelled without these letters only by an escape; so most files need not be parsed twice.
  if (!/include|\\/.test(entry.text)) return [];
  const document: SourceDocument | undefined = parse([entry]).value?.[0];
  const value = document?.value;
  if (document === undefined || typeof value !== 'object' || value === null || Array.isArray(value))
    return [];
  const { include } = value as { readonly include?: unknown };
  if (!Array.isArray(include)) return [];
  return include.flatMap((pattern: unknown, index) =>
    typeof pattern === 'string' ? [{ pattern, position: document.positionOf(['include', index]) }] : [],
  );
}

/** `position` is that of the include; null for the entry. */
function sourceFile(
  path: string,
  content: Uint8Array | Unreadable,
  position: Position | null,
): SourceFile | Diagnostic {
  if ('unreadable' in content) return unreadable(path, content, position);
  const decoded = decodeUtf8(content);
  if (typeof decoded === 'string') return { path, text: decoded };
  const { line, column, isUtf16 } = decoded;
  const at = { file: path, line, column, endColumn: column + 1 };
  return error('source-not-utf8', at, `${quote(path)} is not encoded in UTF-8`, {
    hint: isUtf16 ? 'it looks like UTF-16: save it as UTF-8' : 'save it as UTF-8',
  });
}

function unreadable(
  path: string,
  { unreadable, reason, hint }: Unreadable,
  position: Position | null,
): Diagnostic {
  switch (unreadable) {
    case 'folder':
      return error('source-is-folder', position, `${quote(path)} is a folder, not a file`, {
        hint: position === null ? `name the file in it, as ${path}/mail.yaml` : `include ${path}/*.yaml`,
      });
    case 'too-large':
      return error('yaml-too-large', position, `${quote(path)} is larger than 64 MB`, {
        hint: 'split it, and name the parts under "include"',
      });
    case 'missing':
    case 'refused':
      return error('source-unreadable', position, `${quote(path)} cannot be read: ${reason}`, {
        ...(position === null && hint !== undefined ? { hint } : {}),
      });
  }
}
