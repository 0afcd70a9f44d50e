/** The commit that a source on disk stands at, and whether it differs from it. */
import { dirname, resolve } from 'node:path';
import type { SourceFile } from '../model/source-document.ts';
import { sourceStatus } from '../targets/source-status.ts';
import type { Io } from './io.ts';

export function sourceCommit(
  io: Io,
  file: string,
  files: readonly SourceFile[],
): Promise<{ readonly commit: string | null; readonly dirty: boolean }> {
  return sourceStatus(dirname(resolve(io.workingFolder, file)), files);
}
