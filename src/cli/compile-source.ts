/** What plan, apply, compile and dns begin with: read, compile, report; null when mail.yaml is invalid. */
import { type Compiled, compile } from '../compile.ts';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import type { SourceFile } from '../model/source-document.ts';
import type { Io } from './io.ts';
import { printDiagnostics } from './print-diagnostics.ts';
import { folderOf, readSource } from './read-source.ts';

export interface CompiledSource extends Compiled {
  readonly files: readonly SourceFile[];
}

export async function compileSource(io: Io, file: string, strict: boolean): Promise<CompiledSource | null> {
  const read = await readSource(io, file);
  const files = read.value ?? [];
  const compiled = read.value === null ? { value: null, diagnostics: [] } : await compile(files);
  const diagnostics = [...read.diagnostics, ...compiled.diagnostics];
  printDiagnostics(io, diagnostics, read.shown, folderOf(file));
  if (compiled.value === null || hasErrors(diagnostics) || (strict && diagnostics.length > 0)) return null;
  return { ...compiled.value, files };
}
