/** What an entry under `include` matches: paths below the folder of mail.yaml, `*` within one name. */
import type { SourceTree } from './source-tree.ts';

export interface PatternProblem {
  readonly code: 'include-outside' | 'include-pattern';
  readonly message: string;
}

/** Null for a pattern that may be looked for. */
export function patternProblem(pattern: string): PatternProblem | null {
  const segments = pattern.split('/');
  if (pattern.startsWith('/') || /^[A-Za-z]:/.test(pattern)) {
    return { code: 'include-outside', message: 'an include is relative to the folder of mail.yaml' };
  }
  if (segments.includes('..')) {
    return {
      code: 'include-outside',
      message: 'an include stays below the folder of mail.yaml: ".." leads out of it',
    };
  }
  if (/[\\?[\]{}]|\*\*/.test(pattern)) {
    return {
      code: 'include-pattern',
      message: 'the only wildcard of an include is "*", within one name, and "/" separates names',
    };
  }
  if (segments.every((segment) => segment === '' || segment === '.')) {
    return { code: 'include-pattern', message: 'an include names a file' };
  }
  return null;
}

/**
 * Files that match, sorted. A name that begins with a dot is matched only by a pattern that does. A path
 * without `*` is returned also where it is a folder, so that the reader can say so.
 */
export async function matchingPaths(
  tree: Pick<SourceTree, 'list'>,
  pattern: string,
): Promise<readonly string[]> {
  const segments = pattern.split('/').filter((segment) => segment !== '' && segment !== '.');
  let folders: readonly string[] = [''];
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    const matches = matcher(segment);
    const found: string[] = [];
    for (const folder of folders) {
      for (const { name, isFolder } of await tree.list(folder)) {
        const fits = isLast ? !isFolder || !segment.includes('*') : isFolder;
        if (fits && matches(name)) found.push(folder === '' ? name : `${folder}/${name}`);
      }
    }
    folders = found;
  }
  return [...folders].sort();
}

function matcher(segment: string): (name: string) => boolean {
  const [head = '', ...rest] = segment.split('*');
  const tail = rest.pop();
  if (tail === undefined) return (name) => name === segment;
  return (name) => {
    if (name.startsWith('.') && !segment.startsWith('.')) return false;
    if (!name.startsWith(head) || !name.endsWith(tail) || name.length < head.length + tail.length)
      return false;
    // What stands between stars, leftmost first: no pattern makes this slower than the name times the parts.
    let from = head.length;
    for (const part of rest) {
      const at = name.indexOf(part, from);
      if (at < 0 || at + part.length > name.length - tail.length) return false;
      from = at + part.length;
    }
    return true;
  };
}
