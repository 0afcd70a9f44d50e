/** The changes of a plan as lines, in the groups that a reader thinks in; text and Markdown differ in the paint only. */
import { type Change, type Plan, resourceKinds } from '../../model/plan.ts';
import { type Description, describeChange, groupOf } from './describe-change.ts';
import { driftNote, threeWay } from './describe-drift.ts';
import { counted, grouped, printable } from './printable.ts';

export interface Line {
  readonly text: string;
  readonly look: 'create' | 'update' | 'delete' | 'added' | 'removed' | 'context';
}

export interface Section {
  readonly title: string;
  readonly changes: number;
  readonly lines: readonly Line[];
}

export interface SectionLimits {
  /** Changes shown in a section; more are counted. */
  readonly changes: number;
  /** Lines shown of each file's differences. */
  readonly diffLines: number;
}

export const usualLimits: SectionLimits = { changes: 60, diffLines: 24 };
export const withoutLimits: SectionLimits = { changes: Infinity, diffLines: Infinity };

/** What mail.yaml changes; or what was changed outside mailc. A change that is both stands in either. */
export type Part = 'source' | 'outside';

export const partTitles: Readonly<Record<Part, string>> = {
  source: 'mail.yaml changes',
  outside: 'Changed outside mailc since the last apply',
};

/** Of one part: the database first, then the hosts by name, then what is to be published in DNS. */
export function sections(plan: Plan, part: Part, limits: SectionLimits): readonly Section[] {
  const groups = new Map<string, Change[]>();
  for (const change of plan.changes) {
    if (part === 'source' ? change.reason === 'changed-outside' : change.drift === null) continue;
    const title = groupOf(change);
    const group = groups.get(title);
    if (group === undefined) groups.set(title, [change]);
    else group.push(change);
  }
  const rank = (title: string): number => (title === 'database' ? 0 : title === 'dns' ? 2 : 1);
  return [...groups]
    .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map(([title, changes]) => ({
      title,
      changes: changes.length,
      lines: sectionLines(changes, part, limits),
    }));
}

function sectionLines(changes: readonly Change[], part: Part, limits: SectionLimits): readonly Line[] {
  const [shown, hidden] = choose(changes, limits.changes);
  const described = shown.map((change) => ({ change, description: describe(change, part) }));
  const verb = widest(shown.map((change) => change.action));
  const kind = widest(shown.map((change) => change.kind));
  const name = Math.min(44, widest(described.map(({ description }) => description.name)));
  const lines = described.flatMap(({ change, description }): readonly Line[] => {
    const parts = [description.details.join(', '), description.hazards.join(' '), description.source];
    const text = [
      `${description.glyph} ${change.action.padEnd(verb)} ${change.kind.padEnd(kind)} ${description.name.padEnd(name)}`,
      ...parts.filter((part) => part !== ''),
    ];
    return [
      { text: text.join('  ').trimEnd(), look: change.action },
      ...diffLines(description.diff, limits.diffLines),
    ];
  });
  return hidden.length === 0
    ? lines
    : [...lines, { text: `… and ${whatIs(hidden)} (--full shows all)`, look: 'context' }];
}

interface PartDescription extends Omit<Description, 'diff'> {
  readonly diff: readonly string[];
  readonly hazards: readonly string[];
}

function describe(change: Change, part: Part): PartDescription {
  const description = describeChange(change);
  const diff = description.diff?.lines ?? [];
  const { before, drift, reason } = change;
  const hazards = change.hazards.map((hazard) => `! ${hazard}`);
  const whole = { ...description, hazards, diff };
  if (drift === null) return whole;
  const note = driftNote(before, drift);
  if (reason === 'changed-outside') return { ...whole, details: [...description.details, note] };
  if (part === 'source') {
    return { ...whole, details: [...description.details, 'changed outside mailc too'], diff: [] };
  }
  const three = threeWay(change, drift);
  return { ...whole, details: [...three.details, note], hazards: [], diff: three.diff };
}

/** What is dangerous is never among the changes that are only counted, as far as there is room. */
function choose(
  changes: readonly Change[],
  most: number,
): [shown: readonly Change[], hidden: readonly Change[]] {
  if (changes.length <= most) return [changes, []];
  const ranked = [
    ...changes.filter((change) => change.hazards.length > 0),
    ...changes.filter((change) => change.hazards.length === 0),
  ];
  return [ranked.slice(0, most), ranked.slice(most)];
}

/** `19,940 more: create 19,000 users, delete 940 aliases`. */
function whatIs(changes: readonly Change[]): string {
  const counts = (['delete', 'create', 'update'] as const).flatMap((action) =>
    resourceKinds.flatMap((kind) => {
      const count = changes.filter((change) => change.action === action && change.kind === kind).length;
      return count === 0
        ? []
        : [`${action} ${counted(count, kind, kind === 'alias' ? 'aliases' : `${kind}s`)}`];
    }),
  );
  return `${grouped(changes.length)} more: ${counts.join(', ')}`;
}

function diffLines(lines: readonly string[], most: number): readonly Line[] {
  // One line more costs as much as the marker that would stand for it.
  const shown = lines.length <= most + 1 ? lines : lines.slice(0, most);
  const indented = shown.map(
    (line): Line => ({
      text: `    ${printable(line.replaceAll('\t', '    '))}`.trimEnd(),
      look: line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : 'context',
    }),
  );
  const hidden = lines.length - shown.length;
  return hidden === 0
    ? indented
    : [...indented, { text: `    … and ${grouped(hidden)} more lines`, look: 'context' }];
}

function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, text.length), 0);
}
