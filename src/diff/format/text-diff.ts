/** The lines in which two versions of a file differ, in unified form. */
import { structuredPatch } from 'diff';

export interface TextDiff {
  readonly added: number;
  readonly removed: number;
  /** `@@ …`, then lines that begin with a space, `+` or `-`; null where too much differs to be worth reading. */
  readonly lines: readonly string[] | null;
}

// A limit by edits and not by time: the same input gives the same output on a slow machine.
const mostEdits = 4_000;

export function textDiff(before: string, after: string): TextDiff {
  const patch = structuredPatch('', '', before, after, undefined, undefined, {
    context: 2,
    maxEditLength: mostEdits,
  });
  if (patch === undefined) return { added: lineCount(after), removed: lineCount(before), lines: null };
  const lines = patch.hunks.flatMap((hunk) => [
    `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`,
    ...hunk.lines,
  ]);
  const starting = (sign: string): number => lines.filter((line) => line.startsWith(sign)).length;
  return { added: starting('+'), removed: starting('-'), lines };
}

export function lineCount(text: string): number {
  if (text === '') return 0;
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}
