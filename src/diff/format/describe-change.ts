/** Puts one change into words, the same for a terminal and for a comment. */
import type { Attribute, Change, Resource } from '../../model/plan.ts';
import { type AttributeChange, attributeChanges, isList, isRedacted, isText } from '../attributes.ts';
import { hostOf } from '../hazards.ts';
import { serviceOf } from '../service-effects.ts';
import { counted, firstOf, printable } from './printable.ts';
import { formatSize } from './size.ts';
import { lineCount, type TextDiff, textDiff } from './text-diff.ts';

export interface Description {
  readonly glyph: '+' | '~' | '-';
  /** Within its group: the address without kind and host. */
  readonly name: string;
  /** What changes about it, in a few words each. */
  readonly details: readonly string[];
  /** Of a file that is updated. */
  readonly diff: TextDiff | null;
  /** `mail.yaml:41:14`, or nothing. */
  readonly source: string;
}

/** The headline that a change stands under: a host, or what belongs to none. */
export function groupOf(change: Pick<Change, 'kind' | 'address'>): string {
  if (change.kind === 'dns') return 'dns';
  return onHost(change) ? hostOf(change) : 'database';
}

export function describeChange(change: Change): Description {
  const { kind, address, action, before, after, source } = change;
  const name = address.slice(kind.length + 1 + (onHost(change) ? hostOf(change).length + 1 : 0));
  const diff = diffOf(before, after);
  return {
    glyph: action === 'create' ? '+' : action === 'delete' ? '-' : '~',
    name: printable(name, 100),
    details:
      before !== null && after !== null
        ? [...updateDetails(before, after, diff), ...followUp(change)]
        : presenceDetails(after ?? before),
    diff,
    source: source === null ? '' : printable(`${source.file}:${source.line}:${source.column}`),
  };
}

function onHost({ kind }: Pick<Change, 'kind'>): boolean {
  return kind === 'file' || kind === 'unit' || kind === 'port' || kind === 'container';
}

function diffOf(before: Resource | null, after: Resource | null): TextDiff | null {
  const old = before?.attributes.content ?? null;
  const wanted = after?.attributes.content ?? null;
  return isText(old) && isText(wanted) && old.text !== wanted.text ? textDiff(old.text, wanted.text) : null;
}

/** What is worth knowing of something that comes or goes: what differs from an ordinary one of its kind. */
function presenceDetails(resource: Resource | null): readonly string[] {
  if (resource === null) return [];
  const { kind, attributes } = resource;
  const get = (name: string): Attribute => attributes[name] ?? null;
  const ifSet = (name: string): readonly string[] => {
    const value = get(name);
    const isSet = value !== null && !(isList(value) && value.length === 0);
    return isSet ? [`${name} ${shownAttribute(name, value)}`] : [];
  };
  switch (kind) {
    case 'user':
      return [...ifSet('quota'), ...(get('enabled') === false ? ['disabled'] : []), ...ifSet('send_as')];
    case 'alias':
      return [`-> ${shownAttribute('destinations', get('destinations'))}`];
    case 'domain':
      return [...ifSet('alias_of'), ...ifSet('catch_all')];
    case 'schema':
      return [`version ${shownAttribute('version', get('version'))}`];
    case 'port':
      return [`${shownAttribute('port', get('port'))} (${shownAttribute('service', get('service'))})`];
    case 'container':
      return ifSet('image');
    default:
      return [shownAttribute('content', get('content'))];
  }
}

function updateDetails(before: Resource, after: Resource, diff: TextDiff | null): readonly string[] {
  return attributeChanges(before, after).map((change) => updateDetail(change, diff));
}

function updateDetail({ name, before, after }: AttributeChange, diff: TextDiff | null): string {
  if (isRedacted(before) || isRedacted(after)) return `${name} changed`;
  if (name === 'address') return `moved from ${shownAttribute(name, before)}, mailbox kept`;
  if (name === 'content') return diff === null ? 'content changed' : `+${diff.added} -${diff.removed}`;
  if (name === 'enabled') return after === false ? 'disabled' : 'enabled';
  if (isList(before) && isList(after)) {
    const [old, wanted] = [new Set(before), new Set(after)];
    const gained = after.filter((item) => !old.has(item)).map((item) => `+${item}`);
    const lost = before.filter((item) => !wanted.has(item)).map((item) => `-${item}`);
    if (gained.length + lost.length > 0) return `${name} ${firstOf([...gained, ...lost], 6)}`;
  }
  return `${name} ${shownAttribute(name, before)} -> ${shownAttribute(name, after)}`;
}

/** One value in a few words; `name` is that of the attribute. */
export function shownAttribute(name: string, value: Attribute): string {
  if (value === null) return name === 'quota' ? 'no limit' : 'nothing';
  if (isList(value)) return value.length === 0 ? 'nothing' : firstOf(value, 4);
  if (isRedacted(value)) return 'hidden';
  if (isText(value)) return counted(lineCount(value.text), 'line');
  if (name === 'quota' && typeof value === 'number') return formatSize(value);
  return printable(String(value));
}

/** What the service does about a changed file. */
function followUp(change: Change): readonly string[] {
  const service = change.kind === 'file' ? serviceOf(change) : null;
  if (service === null || change.effect === null || change.effect === 'nothing') return [];
  return [`then ${change.effect} ${printable(service)}`];
}
