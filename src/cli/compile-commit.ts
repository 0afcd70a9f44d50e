/** Compiles mail.yaml as a commit has it; null when it is invalid there, or cannot be read. */
import { basename, dirname, resolve } from 'node:path';
import { type Compiled, compile } from '../compile.ts';
import type { SourceFile } from '../model/source-document.ts';
import { commitTree } from '../targets/commit-tree.ts';
import { readSources } from '../targets/source-tree.ts';
import type { Io } from './io.ts';
import { printDiagnostics } from './print-diagnostics.ts';
import { folderOf } from './read-source.ts';

export interface CompiledCommit extends Compiled {
  readonly commit: string;
}

/** `absent`: the commit is there, and has no such file, as before the first mail.yaml. */
export async function compileCommit(
  io: Io,
  file: string,
  ref: string,
): Promise<CompiledCommit | 'absent' | null> {
  const path = resolve(io.workingFolder, file);
  const opened = await commitTree(dirname(path), ref);
  printDiagnostics(io, opened.diagnostics, []);
  if (opened.value === null) return null;
  const entry = await opened.value.tree.readEntry(basename(path));
  if ('unreadable' in entry && entry.unreadable === 'missing') return 'absent';
  const read = await readSources(opened.value.tree, basename(path));
  const files: readonly SourceFile[] = read.value ?? [];
  const compiled = read.value === null ? { value: null, diagnostics: [] } : await compile(files);
  const diagnostics = [...read.diagnostics, ...compiled.diagnostics];
  if (diagnostics.length > 0) {
    io.stderr(`In commit ${opened.value.commit.slice(0, 12)}:\n`);
    printDiagnostics(io, diagnostics, files, folderOf(file));
  }
  return compiled.value && { ...compiled.value, commit: opened.value.commit };
}
