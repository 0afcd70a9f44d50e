/** The order in which a reader meets diagnostics: as the places stand in the source, whatever found them. */
import type { Diagnostic } from './diagnostic.ts';

/** Files in the order of their names after `entry`; what has no place comes last. Stable. */
export function inFileOrder(diagnostics: readonly Diagnostic[], entry: string): readonly Diagnostic[] {
  const rank = (file: string) => (file === entry ? '' : file);
  return [...diagnostics].sort(({ position: a }, { position: b }) => {
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    if (a.file !== b.file) return rank(a.file) < rank(b.file) ? -1 : 1;
    return a.line - b.line || a.column - b.column;
  });
}
