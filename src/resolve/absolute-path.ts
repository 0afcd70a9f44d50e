/** Reads paths on a host: narrow enough for every file and command line that they end up in. */
import { quote } from '../diagnostics/quote.ts';
import type { Path } from '../model/position.ts';
import { malformed, type Parsed, parsed } from './parsed.ts';
import type { Scope } from './scope.ts';

/** One form for each path: no `//`, no slash at the end. No colon or comma, which Docker's mounts split at. */
function parseAbsolutePath(text: string): Parsed<string> {
  const path = text.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
  if (path.length > 1000) return malformed('it is longer than 1000 characters');
  if (!/^\/[A-Za-z0-9._@+=~/-]*$/.test(path)) {
    return malformed('it must begin with a slash, and may hold letters, digits and . _ - @ + = ~ only');
  }
  if (path.split('/').some((name) => name === '.' || name === '..'))
    return malformed('it has "." or ".." in it');
  return parsed(path);
}

/** Reports a malformed path and gives null. */
export function readPath(text: string, path: Path, scope: Scope): string | null {
  return report(parseAbsolutePath(text), text, path, scope);
}

/** The same for the path of a file: what can only be a folder, and `/` above all, must not be mounted as one. */
export function readFilePath(text: string, path: Path, scope: Scope): string | null {
  const isFolder = text.endsWith('/');
  return report(isFolder ? malformed('it names a folder') : parseAbsolutePath(text), text, path, scope);
}

function report({ value, problem }: Parsed<string>, text: string, path: Path, scope: Scope): string | null {
  if (problem !== null) {
    scope.error('path-malformed', scope.at(path), `path ${quote(text)} is malformed: ${problem}`);
  }
  return value;
}
