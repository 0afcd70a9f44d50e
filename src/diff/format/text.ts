/** A plan on a terminal: the changes, what they mean for mail, what restarts, and what is refused. */
import { type Consequence, consequenceKinds, type HazardId, type Plan } from '../../model/plan.ts';
import type { Elsewhere } from '../elsewhere.ts';
import { summaryOf } from '../plan-document.ts';
import { effectLines } from './effect-lines.ts';
import { elsewhereLines, elsewhereTitle } from './elsewhere-lines.ts';
import { firstOf, grouped, printable } from './printable.ts';
import { allowingCommand, hazardSummaries, refusedHazards } from './refusal.ts';
import { type Line, type Part, partTitles, sections, usualLimits, withoutLimits } from './section.ts';

/** Colour repeats what a glyph says, so a paint that does nothing loses nothing. */
export type Paint = (style: 'red' | 'green' | 'yellow' | 'bold' | 'dim', text: string) => string;

export interface TextOptions {
  readonly paint: Paint;
  /** Every change and every line, however many. */
  readonly full: boolean;
  /** Hazards that the user already allowed. */
  readonly allowed: ReadonlySet<HazardId>;
  /** What is for other hosts to apply; shown where it is given. */
  readonly elsewhere?: Elsewhere | null;
}

/** Ends with a newline. An empty plan is one line, and what is for other hosts to apply. */
export function planText(plan: Plan, options: TextOptions): string {
  const { paint, full, elsewhere = null } = options;
  const others =
    elsewhere === null ? [] : titled(elsewhereTitle(elsewhere), elsewhereLines(elsewhere), paint);
  if (plan.changes.length === 0) return joined([['No changes.'], others]);
  const follows = [
    ...titled('For mail', consequenceLines(plan.consequences, full ? Infinity : 40), paint),
    ...titled('For services', effectLines(plan), paint),
  ];
  const blocks = [
    partLines(plan, 'source', options),
    partLines(plan, 'outside', options),
    titled('What follows', follows, paint),
    others,
    titled('Hazards', hazardLines(plan), paint),
    closing(plan, options),
  ];
  return joined(blocks);
}

function joined(blocks: readonly (readonly string[])[]): string {
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}

/** Worst first: bounces, then other routes, then rights. */
export function consequenceLines(consequences: readonly Consequence[], most: number): readonly string[] {
  const ranked = consequenceKinds.flatMap((kind) => consequences.filter((one) => one.kind === kind));
  const shown = ranked.slice(0, most).map(({ message, source }) => {
    const place = source === null ? '' : `  ${source.file}:${source.line}:${source.column}`;
    return printable(message, 400) + printable(place);
  });
  const hidden = ranked.length - shown.length;
  return hidden === 0 ? shown : [...shown, `… and ${grouped(hidden)} more`];
}

function partLines(plan: Plan, part: Part, { paint, full }: TextOptions): readonly string[] {
  const groups = sections(plan, part, full ? withoutLimits : usualLimits);
  const lines = groups.flatMap(({ title, lines }) =>
    titled(
      printable(title),
      lines.map((line) => painted(line, paint)),
      paint,
    ),
  );
  return titled(partTitles[part], lines, paint);
}

function hazardLines(plan: Plan): readonly string[] {
  return hazardSummaries(plan).map(({ id, places }) => `! ${id}: ${firstOf(places, 4)}`);
}

/** `1 to create, 2 to update, 0 to delete.` */
export function summaryLine(plan: Plan): string {
  const { create, update, delete: deletes } = summaryOf(plan);
  return `${grouped(create)} to create, ${grouped(update)} to update, ${grouped(deletes)} to delete.`;
}

function closing(plan: Plan, { allowed, paint }: TextOptions): readonly string[] {
  const commit = plan.commit === null ? '' : `, commit ${plan.commit.slice(0, 12)}`;
  const summary = `${paint('bold', summaryLine(plan))} Plan ${plan.planId.slice(0, 12)}${commit}.`;
  const refused = refusedHazards(plan, allowed);
  if (refused.length === 0) return [summary];
  return [summary, paint('red', `Refused: ${refused.join(', ')} (allow with: ${allowingCommand(refused)})`)];
}

function titled(title: string, lines: readonly string[], paint: Paint): readonly string[] {
  return lines.length === 0 ? [] : [paint('bold', title), ...lines.map((line) => `  ${line}`)];
}

function painted({ text, look }: Line, paint: Paint): string {
  switch (look) {
    case 'create':
    case 'added':
      return paint('green', text);
    case 'delete':
    case 'removed':
      return paint('red', text);
    case 'update':
      return paint('yellow', text);
    case 'context':
      return paint('dim', text);
  }
}
