/** What `include` of mail.yaml names, for whoever reads files: the disk, a git tree, a test. */
import { type Diagnostic, error, type Staged } from '../diagnostics/diagnostic.ts';
import type { Position } from '../model/position.ts';
import type { SourceFile } from '../model/source-document.ts';
import { parseFile } from './parse-file.ts';

export interface IncludePattern {
  /** As written. */
  readonly pattern: string;
  /** Names of folders, then of files, each for {@link matchesSegment}; relative to the entry's folder. */
  readonly segments: readonly string[];
  readonly position: Position;
}

/**
 * The patterns under `include`, in the order written. An entry that `parse` refuses, or an `include` that
 * `validate` will refuse, gives none and is not reported here. Parsing the same object again costs nothing.
 */
export function includePatterns(entry: SourceFile): Staged<readonly IncludePattern[]> {
  const document = parseFile(entry).value;
  const root = document?.value;
  const isMap = typeof root === 'object' && root !== null && !Array.isArray(root);
  const include = isMap ? (root as { readonly include?: unknown }).include : null;
  if (document === null || !Array.isArray(include)) return { value: [], diagnostics: [] };

  const patterns: IncludePattern[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const [at, pattern] of include.entries()) {
    if (typeof pattern !== 'string' || pattern === '') continue;
    const position = document.positionOf(['include', at]);
    const refusal = refuse(pattern, position);
    if (refusal !== null) diagnostics.push(refusal);
    else patterns.push({ pattern, segments: segmentsOf(pattern), position });
  }
  return { value: diagnostics.length > 0 ? null : patterns, diagnostics };
}

/** `*` stands for any part of the name, but not for the dot that hides a file. */
export function matchesSegment(segment: string, name: string): boolean {
  const [first = '', ...rest] = segment.split('*');
  if (rest.length === 0) return name === segment;
  const last = rest.pop() ?? '';
  if (name.startsWith('.') && !first.startsWith('.')) return false;
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last))
    return false;
  let at = first.length;
  const end = name.length - last.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** For whoever looked for files and found none. */
export function includeMatchesNothing({ pattern, position }: IncludePattern): Diagnostic {
  const what = pattern.includes('*') ? `no file matches "${pattern}"` : `there is no file "${pattern}"`;
  return error('include-matches-nothing', position, what, {
    hint: 'paths are relative to the folder of the file that has the "include"',
  });
}

function refuse(pattern: string, position: Position): Diagnostic | null {
  if (/^[/\\~]|^[A-Za-z]:/.test(pattern) || pattern.split(/[/\\]/).includes('..')) {
    return error('include-outside', position, `"${pattern}" leaves the folder of this file`, {
      hint: 'move the file below this folder, and name it relative to it, such as users/*.yaml',
    });
  }
  const wildcard = /\*\*|[?[\]{}!\\]/.exec(pattern)?.[0];
  if (wildcard !== undefined) {
    return error('include-pattern', position, `"${wildcard}" has no place in a path under "include"`, {
      hint: 'the only wildcard is *, for any part of one name, such as users/*.yaml',
    });
  }
  if (segmentsOf(pattern).length === 0 || pattern.endsWith('/')) {
    return error('include-pattern', position, `"${pattern}" names a folder, not files`, {
      hint: 'name the files in it, such as users/*.yaml',
    });
  }
  return null;
}

function segmentsOf(pattern: string): readonly string[] {
  return pattern.split('/').filter((segment) => segment !== '' && segment !== '.');
}
