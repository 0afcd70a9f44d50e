/** Writes files that must not be there yet: what a person has is never overwritten. */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { error } from '../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../diagnostics/diagnostic-error.ts';
import { makeFolders } from './make-folders.ts';

/** All or none; gives the paths written. Throws DiagnosticError when one is there, or cannot be written. */
export function writeNewFiles(
  folder: string,
  files: readonly { readonly path: string; readonly text: string }[],
): readonly string[] {
  const there = files.filter(({ path }) => existsSync(join(folder, path))).map(({ path }) => path);
  if (there.length > 0) {
    throw new DiagnosticError(
      error('file-exists', null, `${there.join(', ')} ${there.length === 1 ? 'is' : 'are'} there already`, {
        hint: 'name an empty folder: mailc init FOLDER',
      }),
    );
  }
  try {
    for (const { path, text } of files) {
      makeFolders(dirname(join(folder, path)));
      writeFileSync(join(folder, path), text, { flag: 'wx' });
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DiagnosticError(error('output-not-writable', null, `the files cannot be written: ${reason}`));
  }
  return files.map(({ path }) => path);
}
