/** What plan, apply, compile and dns begin with: read, compile, report; null when mail.yaml is invalid. */
import { analyse, type Compiled, compile } from '../compile.ts';
import { hasErrors, type Staged } from '../diagnostics/diagnostic.ts';
import type { SourceFile } from '../model/source-document.ts';
import type { Io } from './io.ts';
import { printDiagnostics } from './print-diagnostics.ts';
import { folderOf, readSource } from './read-source.ts';

export interface CompiledSource extends Compiled {
  readonly files: readonly SourceFile[];
  /** Where the source comes from, where that is not the folder that it lies in. */
  readonly at?: { readonly commit: string | null; readonly dirty: boolean };
}

export interface CompileOptions {
  /** Warnings are errors. */
  readonly isStrict?: boolean;
  /** False: the front end only, without files and containers. */
  readonly isRendered?: boolean;
}

export async function compileSource(
  io: Io,
  file: string,
  { isStrict = false, isRendered = true }: CompileOptions = {},
): Promise<CompiledSource | null> {
  const read = await readSource(io, file);
  const files = read.value ?? [];
  const compiled = read.value === null ? nothing : isRendered ? await compile(files) : withoutFiles(files);
  const diagnostics = [...read.diagnostics, ...compiled.diagnostics];
  printDiagnostics(io, diagnostics, read.shown, folderOf(file));
  if (compiled.value === null || hasErrors(diagnostics) || (isStrict && diagnostics.length > 0)) return null;
  return { ...compiled.value, files };
}

const nothing: Staged<Compiled> = { value: null, diagnostics: [] };

function withoutFiles(files: readonly SourceFile[]): Staged<Compiled> {
  const { value: system, diagnostics } = analyse(files);
  return { value: system && { system, artifacts: [], containers: [] }, diagnostics };
}
