/** From the name of a file to the text of it and its includes; what stands in the way is a diagnostic. */
import { basename, dirname, resolve } from 'node:path';
import type { Staged } from '../diagnostics/diagnostic.ts';
import type { SourceFile } from '../model/source-document.ts';
import { readSources } from '../targets/source-tree.ts';
import { workingFolder } from '../targets/working-folder.ts';
import type { Io } from './io.ts';

export const defaultSource = 'mail.yaml';

/** `file` is relative to the working folder; positions name files relative to the entry's own folder. */
export function readSource(io: Io, file: string = defaultSource): Promise<Staged<readonly SourceFile[]>> {
  const path = resolve(io.workingFolder, file);
  return readSources(workingFolder(dirname(path)), basename(path));
}

/** What to put before the paths in positions, which are relative to the entry's folder: `infra/`, or nothing. */
export function folderOf(file: string): string {
  const folder = dirname(file);
  return folder === '.' ? '' : `${folder}/`;
}
