/** Compares attributes: the only place that knows when two values are the same. */
import type { Attribute, Redacted, Resource, Text } from '../model/plan.ts';

export interface AttributeChange {
  readonly name: string;
  /** Null also where that side does not have the attribute. */
  readonly before: Attribute;
  readonly after: Attribute;
}

/** The attributes in which two resources differ, in the order of `after`. */
export function attributeChanges(before: Resource, after: Resource): readonly AttributeChange[] {
  const names = new Set([...Object.keys(after.attributes), ...Object.keys(before.attributes)]);
  const changes: AttributeChange[] = [];
  for (const name of names) {
    const old = before.attributes[name] ?? null;
    const wanted = after.attributes[name] ?? null;
    if (!sameAttribute(old, wanted)) changes.push({ name, before: old, after: wanted });
  }
  return changes;
}

/** Whether two sides of one thing are equal; null is a side where it is not there. */
export function sameAttributes(a: Attributes | null, b: Attributes | null): boolean {
  if (a === null || b === null) return a === b;
  return [...Object.keys(a), ...Object.keys(b)].every((name) =>
    sameAttribute(a[name] ?? null, b[name] ?? null),
  );
}

type Attributes = Readonly<Record<string, Attribute>>;

export function sameAttribute(a: Attribute, b: Attribute): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (isList(a) || isList(b)) {
    return isList(a) && isList(b) && a.length === b.length && a.every((item, index) => item === b[index]);
  }
  if (isText(a)) return isText(b) && a.text === b.text;
  return isRedacted(b) && a.redacted === b.redacted;
}

export function isList(value: Attribute): value is readonly string[] {
  return Array.isArray(value);
}

export function isText(value: Attribute): value is Text {
  return typeof value === 'object' && value !== null && 'text' in value;
}

export function isRedacted(value: Attribute): value is Redacted {
  return typeof value === 'object' && value !== null && 'redacted' in value;
}
