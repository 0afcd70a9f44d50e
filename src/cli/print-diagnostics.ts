/** Diagnostics for a person: on stderr, with the lines of the source that they speak of. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { formatText } from '../diagnostics/format/text.ts';
import type { SourceFile } from '../model/source-document.ts';
import type { Io } from './io.ts';

export function printDiagnostics(
  io: Io,
  diagnostics: readonly Diagnostic[],
  files: readonly SourceFile[],
  folder = '',
): void {
  if (diagnostics.length > 0) io.stderr(formatText(diagnostics, files, io.paint('stderr'), folder));
}
