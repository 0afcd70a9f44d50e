/** A plan as a comment on a pull request: it fits one whatever its size, and no name in it can act. */
import type { HazardId, Plan } from '../../model/plan.ts';
import type { Elsewhere } from '../elsewhere.ts';
import { effectLines } from './effect-lines.ts';
import { elsewhereLines, elsewhereTitle } from './elsewhere-lines.ts';
import { counted, firstOf, printable } from './printable.ts';
import { allowingCommand, hazardSummaries, refusedHazards } from './refusal.ts';
import { partTitles, type Section, sections, usualLimits } from './section.ts';
import { consequenceLines, summaryLine } from './text.ts';

/** The first line: a later run finds the comment by it and edits that one. */
export const commentMarker = '<!-- mailc plan -->';

/** GitHub takes 65,536 characters. Counted in bytes, of which there are never fewer. */
const budget = 65_000;

export interface MarkdownOptions {
  readonly allowed: ReadonlySet<HazardId>;
  /** What is for other hosts to apply; shown where it is given. */
  readonly elsewhere?: Elsewhere | null;
}

/**
 * Summary, hazards and consequences come first; the changes get the room that is left. Every value from
 * mail.yaml or the database stands in a code block or a code span, where neither HTML, links nor @mentions work.
 */
export function planMarkdown(plan: Plan, options: MarkdownOptions): string {
  const { elsewhere = null } = options;
  const others = elsewhere === null ? [] : block(elsewhereTitle(elsewhere), elsewhereLines(elsewhere), 4_000);
  if (plan.changes.length === 0) {
    return `${[`${commentMarker}\n### mailc plan: no changes`, ...others].join('\n\n')}\n`;
  }
  const head = [
    commentMarker,
    `### mailc plan: ${summaryLine(plan).slice(0, -1)}`,
    ...refusal(plan, options),
    ...block('What follows for mail', consequenceLines(plan.consequences, 60), 16_000),
    ...block('What follows for services', effectLines(plan), 6_000),
    ...others,
  ];
  const commit = plan.commit === null ? '' : ` of commit \`${plan.commit.slice(0, 12)}\``;
  const foot = `Plan \`${plan.planId.slice(0, 12)}\`${commit}, made by \`mailc plan\`.`;
  const parts = [...head];
  let left = budget - bytes([...head, foot].join('\n\n')) - 400;
  let omitted = 0;
  for (const part of ['source', 'outside'] as const) {
    const groups = sections(plan, part, usualLimits);
    if (groups.length > 0) parts.push(`**${partTitles[part]}**`);
    for (const section of groups) {
      const text = details(section, left);
      if (text === null) omitted += section.changes;
      else {
        parts.push(text);
        left -= bytes(text) + 2;
      }
    }
  }
  if (omitted > 0) {
    parts.push(`${counted(omitted, 'change')} more did not fit here; \`mailc plan\` shows them.`);
  }
  return `${[...parts, foot].join('\n\n')}\n`;
}

function refusal(plan: Plan, { allowed }: MarkdownOptions): readonly string[] {
  const summaries = hazardSummaries(plan);
  if (summaries.length === 0) return [];
  const refused = refusedHazards(plan, allowed);
  const lines = summaries.map(({ id, places }) => `- \`${id}\`: ${codeSpan(firstOf(places, 4))}`);
  return [
    `**${counted(summaries.length, 'hazard')}**\n${lines.join('\n')}`,
    ...(refused.length === 0 ? [] : [`Refused unless allowed: \`${allowingCommand(refused)}\``]),
  ];
}

function block(title: string, lines: readonly string[], room: number): readonly string[] {
  return lines.length === 0 ? [] : [`**${title}**\n\n${fenced('text', fitting(lines, room))}`];
}

/** As much of a section as fits into `room` bytes; null when not even a few lines do. */
function details({ title, changes, lines }: Section, room: number): string | null {
  // In <code>, GitHub looks for neither mentions nor links.
  const name = `<code>${escapeHtml(printable(title))}</code>`;
  const frame = (text: string): string =>
    `<details><summary>${name}: ${counted(changes, 'change')}</summary>\n\n${text}\n\n</details>`;
  // What stands around the lines: the two fences are no longer than the longest printable value.
  const inner = room - bytes(frame('')) - 600;
  if (inner < 400) return null;
  const texts = lines.map((line) => line.text);
  return frame(fenced('diff', fitting(texts, inner)));
}

/** All lines, or as many as fit into `room` bytes and a line that says so. */
function fitting(lines: readonly string[], room: number): readonly string[] {
  const shown: string[] = [];
  let left = room - 100;
  for (const line of lines) {
    left -= bytes(line) + 1;
    if (left < 0)
      return [...shown, `… and ${counted(lines.length - shown.length, 'more line', 'more lines')}`];
    shown.push(line);
  }
  return shown;
}

/** A code block whose fence is longer than any run of backticks inside. */
function fenced(language: string, lines: readonly string[]): string {
  const text = lines.join('\n');
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text}\n${fence}`;
}

function codeSpan(text: string): string {
  const run = longestRun(text);
  return run === 0 ? `\`${text}\`` : `${'`'.repeat(run + 1)} ${text} ${'`'.repeat(run + 1)}`;
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
