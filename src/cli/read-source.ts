/** From the name of a file to the text of it and its includes; what stands in the way is a diagnostic. */
import { basename, dirname, resolve } from 'node:path';
import type { Staged } from '../diagnostics/diagnostic.ts';
import type { SourceFile } from '../model/source-document.ts';
import { decodeUtf8 } from '../targets/decode-utf8.ts';
import { readSources } from '../targets/source-tree.ts';
import { workingFolder } from '../targets/working-folder.ts';
import type { Io } from './io.ts';

export const defaultSource = 'mail.yaml';

export interface ReadSource extends Staged<readonly SourceFile[]> {
  /** For the frames of diagnostics: all files, or the entry alone where an include could not be read. */
  readonly shown: readonly SourceFile[];
}

/** `file` is relative to the working folder; positions name files relative to the entry's own folder. */
export async function readSource(io: Io, file: string = defaultSource): Promise<ReadSource> {
  const path = resolve(io.workingFolder, file);
  const tree = workingFolder(dirname(path));
  const read = await readSources(tree, basename(path));
  if (read.value !== null) return { ...read, shown: read.value };
  const entry = await tree.readEntry(basename(path));
  const text = 'unreadable' in entry ? null : decodeUtf8(entry);
  return { ...read, shown: typeof text === 'string' ? [{ path: basename(path), text }] : [] };
}

/** What to put before the paths in positions, which are relative to the entry's folder: `infra/`, or nothing. */
export function folderOf(file: string): string {
  const folder = dirname(file);
  return folder === '.' ? '' : `${folder}/`;
}
