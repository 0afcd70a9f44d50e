/** Lines of the sources by number, without splitting a file of a million lines for one that is asked for. */
import type { SourceFile } from '../../model/source-document.ts';

/** @returns the line without its end, counted from 1; null where there is no such file or line */
export type SourceLines = (file: string, line: number) => string | null;

export function sourceLines(sources: readonly SourceFile[]): SourceLines {
  const texts = new Map(sources.map(({ path, text }) => [path, text]));
  const starts = new Map<string, readonly number[]>();
  return (file, line) => {
    const text = texts.get(file);
    if (text === undefined) return null;
    let offsets = starts.get(file);
    if (offsets === undefined) {
      offsets = startsOfLines(text);
      starts.set(file, offsets);
    }
    const start = offsets[line - 1];
    if (start === undefined) return null;
    const end = text.indexOf('\n', start);
    return text.slice(start, end === -1 ? text.length : end).replace(/^\uFEFF|\r$/g, '');
  };
}

function startsOfLines(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
