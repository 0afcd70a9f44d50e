/** Installs files on a machine: what is there and differs is replaced only when that is wanted, and kept beside. */
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { error } from '../../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../../diagnostics/diagnostic-error.ts';
import { writeFileDurably } from '../host/write-durably.ts';
import { makeFolders } from '../make-folders.ts';

export interface InstalledFile {
  /** Below the root, with a slash before it. */
  readonly path: string;
  readonly text: string;
  /** Permission bits. */
  readonly mode: number;
}

export interface Installed {
  readonly path: string;
  readonly how: 'wrote' | 'replaced' | 'unchanged';
}

/**
 * All or, where one may not be replaced, none; the former version of what is replaced gets the ending `.before`.
 * Throws DiagnosticError, also where the root cannot be written.
 */
export function installFiles(
  root: string,
  files: readonly InstalledFile[],
  isReplacing: boolean,
): readonly Installed[] {
  const differing = files.filter(({ path, text }) => {
    const target = join(root, path);
    return existsSync(target) && read(target) !== text;
  });
  if (differing.length > 0 && !isReplacing) {
    const paths = differing.map(({ path }) => path).join(', ');
    throw new DiagnosticError(
      error('file-exists', null, `${paths} ${differing.length === 1 ? 'is' : 'are'} there, and different`, {
        hint: 'mailc init --agent --replace writes them anew, and keeps the former ones as FILE.before',
      }),
    );
  }
  return files.map((file) => install(join(root, file.path), file));
}

function install(target: string, { path, text, mode }: InstalledFile): Installed {
  try {
    const before = existsSync(target) ? read(target) : null;
    if (before === text) return { path, how: 'unchanged' };
    makeFolders(dirname(target));
    if (before !== null) renameSync(target, `${target}.before`);
    writeFileDurably(target, text, mode);
    return { path, how: before === null ? 'wrote' : 'replaced' };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DiagnosticError(error('output-not-writable', null, `${path} cannot be written: ${reason}`));
  }
}

/** A folder of that name differs from any text. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '\0';
  }
}
