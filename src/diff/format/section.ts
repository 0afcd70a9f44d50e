/** The changes of a plan as lines, in the groups that a reader thinks in; text and Markdown differ in the paint only. */
import { type Change, type Plan, resourceKinds } from '../../model/plan.ts';
import { describeChange, groupOf } from './describe-change.ts';
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

/** The database first, then the hosts by name, then what is to be published in DNS. */
export function sections(plan: Plan, limits: SectionLimits): readonly Section[] {
  const groups = new Map<string, Change[]>();
  for (const change of plan.changes) {
    const title = groupOf(change);
    const group = groups.get(title);
    if (group === undefined) groups.set(title, [change]);
    else group.push(change);
  }
  const rank = (title: string): number => (title === 'database' ? 0 : title === 'dns' ? 2 : 1);
  return [...groups]
    .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map(([title, changes]) => ({ title, changes: changes.length, lines: sectionLines(changes, limits) }));
}

function sectionLines(changes: readonly Change[], limits: SectionLimits): readonly Line[] {
  const [shown, hidden] = choose(changes, limits.changes);
  const described = shown.map((change) => ({ change, description: describeChange(change) }));
  const verb = widest(shown.map((change) => change.action));
  const kind = widest(shown.map((change) => change.kind));
  const name = Math.min(44, widest(described.map(({ description }) => description.name)));
  const lines = described.flatMap(({ change, description }): readonly Line[] => {
    const hazards = change.hazards.map((hazard) => `! ${hazard}`);
    const parts = [description.details.join(', '), hazards.join(' '), description.source];
    const text = [
      `${description.glyph} ${change.action.padEnd(verb)} ${change.kind.padEnd(kind)} ${description.name.padEnd(name)}`,
      ...parts.filter((part) => part !== ''),
    ];
    return [
      { text: text.join('  ').trimEnd(), look: change.action },
      ...diffLines(description.diff?.lines ?? [], limits.diffLines),
    ];
  });
  return hidden.length === 0
    ? lines
    : [...lines, { text: `… and ${whatIs(hidden)} (--full shows all)`, look: 'context' }];
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
