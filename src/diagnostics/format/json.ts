/** Diagnostics for a program. */
import type { Position } from '../../model/position.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { asciiJson } from './ascii-json.ts';

/**
 * `{ formatVersion: 1, diagnostics: [{ code, severity, message, hint, source, related: [{ message, source }]
 * }], summary: { errors, warnings } }`, where a source is `{ file, line, column, endColumn }` or null.
 * Fields may be added without a new version. All diagnostics, in the order of the source.
 * @param folder see `formatText`
 */
export function formatJson(diagnostics: readonly Diagnostic[], folder = ''): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return asciiJson({
    formatVersion: 1,
    diagnostics: diagnostics.map(({ code, severity, message, hint, position, related }) => ({
      code,
      severity,
      message,
      hint,
      source: position && source(position, folder),
      related: related.map((other) => ({ message: other.message, source: source(other.position, folder) })),
    })),
    summary: { errors, warnings: diagnostics.length - errors },
  });
}

function source({ file, line, column, endColumn }: Position, folder: string): object {
  return { file: `${folder}${file}`, line, column, endColumn };
}
