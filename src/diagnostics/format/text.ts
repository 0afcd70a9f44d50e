/** Diagnostics for a person: the rule, the place, the line with carets, the cure, and a count at the end. */
import type { Position } from '../../model/position.ts';
import type { SourceFile } from '../../model/source-document.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { frame } from './frame.ts';
import { printable, printableSentence } from './printable.ts';
import { type SourceLines, sourceLines } from './source-lines.ts';

export type Paint = (style: 'red' | 'yellow' | 'blue' | 'cyan' | 'bold', text: string) => string;

/** More than anyone reads at once; the count at the end is always of all. */
const MOST_SHOWN = 50;

/**
 * @param sources the files that positions may name; a frame is left out where its file is not among them
 * @param paint colours a part of the output, and by default does nothing; colour only repeats what is written
 * @param folder put before the names of files, such as `infra/`, when they are relative to another folder
 * than the reader's
 * @returns lines with their ends; nothing for no diagnostics
 */
export function formatText(
  diagnostics: readonly Diagnostic[],
  sources: readonly SourceFile[],
  paint: Paint = (_style, text) => text,
  folder = '',
): string {
  if (diagnostics.length === 0) return '';
  const lines = sourceLines(sources);
  const blocks = diagnostics
    .slice(0, MOST_SHOWN)
    .map((diagnostic) => block(diagnostic, lines, paint, folder));
  const left = diagnostics.length - MOST_SHOWN;
  if (left > 0) blocks.push(`… and ${left} more\n`);
  return `${blocks.join('\n')}\n${summary(diagnostics, paint)}\n`;
}

function block(diagnostic: Diagnostic, lines: SourceLines, paint: Paint, folder: string): string {
  const { severity, code, message, position, related, hint, concealed } = diagnostic;
  const colour = severity === 'error' ? 'red' : 'yellow';
  const places = [position, ...related.map((other) => other.position)];
  const numbers = places.map((place) => String(place?.line ?? '').length);
  const gutter = ' '.repeat(Math.max(1, ...numbers));
  const bar = paint('blue', '|');

  const placed = (at: Position, arrow: string, marks: string, hidden: boolean, mark: string): string[] => {
    const place = `${printable(`${folder}${at.file}`)}:${at.line}:${at.column}`;
    const head = `${gutter}${paint('blue', arrow)} ${place}`;
    const shown = frame(at, hidden, lines);
    if (shown === null) return mark === '' ? [head] : [head, `${gutter} ${paint('blue', '=')} ${mark}`];
    const number = paint('blue', String(at.line).padStart(gutter.length));
    const below = marks.repeat(shown.width) + (mark === '' ? '' : ` ${mark}`);
    return [
      head,
      `${gutter} ${bar}`,
      `${number} ${bar} ${shown.line}`.trimEnd(),
      `${gutter} ${bar} ${' '.repeat(shown.offset)}${paint(marks === '^' ? colour : 'blue', below)}`,
    ];
  };

  const output = [
    `${paint(colour, `${severity}[${code}]`)}${paint('bold', `: ${printableSentence(message)}`)}`,
  ];
  if (position !== null) output.push(...placed(position, '-->', '^', concealed, ''));
  for (const other of related) {
    output.push(...placed(other.position, ':::', '-', false, printableSentence(other.message)));
  }
  if (hint !== null) {
    const [first = '', ...more] = hint.split('\n').map(printableSentence);
    output.push(`${gutter} ${paint('blue', '=')} ${paint('cyan', 'hint:')} ${first}`);
    output.push(...more.map((line) => `${gutter}   ${line}`));
  }
  return `${output.join('\n')}\n`;
}

/** `2 errors, 1 warning`. */
function summary(diagnostics: readonly Diagnostic[], paint: Paint): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
  const parts = [
    ...(errors > 0 ? [paint('red', count(errors, 'error'))] : []),
    ...(warnings > 0 ? [paint('yellow', count(warnings, 'warning'))] : []),
  ];
  return parts.join(', ');
}
