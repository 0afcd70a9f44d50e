/** Reads a saved plan back, and trusts nothing in it: shape, version and id are checked. */
import { error, type Staged } from '../diagnostics/diagnostic.ts';
import { quote } from '../diagnostics/quote.ts';
import {
  type Attribute,
  type Change,
  type Consequence,
  consequenceKinds,
  type Drift,
  type HazardId,
  hazardIds,
  type Plan,
  type PlanHazard,
  type Resource,
  reasons,
  resourceKinds,
} from '../model/plan.ts';
import type { Position } from '../model/position.ts';
import { isRedacted } from './attributes.ts';
import { planChecksum } from './plan-checksum.ts';
import { planId } from './plan-document.ts';

/** The diagnostics of a saved plan; each means that it is not applied (exit code 5). */
export type SavedPlanCode = 'plan-unreadable' | 'plan-version' | 'plan-edited';

/**
 * The plan of `planDocument`, as far as a plan may be saved: a redacted value comes back only as "the same"
 * or "another", which is all that the formats show. Whoever applies it compares its id with that of a plan
 * made anew. `mailc` is the running version, which alone may apply it.
 */
export function readPlan(json: string, mailc: string): Staged<Plan> {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch {
    return failed('plan-unreadable', 'a saved plan is a JSON file as `mailc plan -o` writes it');
  }
  if (!isRecord(document) || !('formatVersion' in document)) {
    return failed('plan-unreadable', 'a saved plan has a "formatVersion"');
  }
  if (document.formatVersion !== 1) {
    return failed(
      'plan-version',
      `this mailc reads plans of format version 1, not ${JSON.stringify(document.formatVersion)}`,
    );
  }
  if (typeof document.mailc === 'string' && document.mailc !== mailc) {
    return failed(
      'plan-version',
      `mailc ${quote(document.mailc)} made the plan, and this is mailc "${mailc}"`,
    );
  }
  let plan: Plan;
  try {
    string(document.mailc, 'mailc');
    plan = planOf(document);
  } catch (cause) {
    if (!(cause instanceof ShapeError)) throw cause;
    return failed('plan-unreadable', `a saved plan needs ${cause.message}`);
  }
  if (planId(plan) !== plan.planId || planChecksum(document) !== document.checksum) {
    const what = planId(plan) === plan.planId ? 'checksum' : 'id';
    return failed(
      'plan-edited',
      `the saved plan is not what mailc wrote: its ${what} does not fit its content`,
    );
  }
  return { value: plan, diagnostics: [] };
}

function failed(code: SavedPlanCode, message: string): Staged<Plan> {
  const hint = 'make the plan again: mailc plan -o plan.json';
  return { value: null, diagnostics: [error(code, null, message, { hint })] };
}

/** Stays inside this file: says which part of the document is not as it should be. */
class ShapeError extends Error {}

function planOf(document: Record<string, unknown>): Plan {
  return {
    commit: nullable(hex)(document.commit, 'commit'),
    dirty: boolean(document.dirty, 'dirty'),
    planId: hex(document.planId, 'planId'),
    stateHash: hex(document.stateHash, 'stateHash'),
    desiredHash: hex(document.desiredHash, 'desiredHash'),
    changes: list(changeOf)(document.changes, 'changes'),
    hazards: list(hazardOf)(document.hazards, 'hazards'),
    consequences: list(consequenceOf)(document.consequences, 'consequences'),
  };
}

function changeOf(value: unknown, where: string): Change {
  const change = record(value, where);
  const address = string(change.address, `${where}.address`);
  const kind = oneOf(resourceKinds)(address.slice(0, address.indexOf('/')), `${where}.address`);
  const effect = nullable(oneOf(['reload', 'restart', 'nothing']))(change.effect, `${where}.effect`);
  const source = nullable(positionOf)(change.source, `${where}.source`);
  const side = (name: 'before' | 'after'): Resource | null => {
    const attributes = nullable(attributesOf(name))(change[name], `${where}.${name}`);
    if (attributes === null) return null;
    // Only a user can move, and carries its address for it.
    const own = kind === 'user' ? `user/${string(attributes.address, `${where}.${name}.address`)}` : address;
    return {
      kind,
      address: own,
      attributes,
      source: name === 'after' ? source : null,
      effect,
      movedFrom: null,
    };
  };
  const before = side('before');
  const after = side('after');
  const action = oneOf(['create', 'update', 'delete'])(change.action, `${where}.action`);
  if ((before === null) !== (action === 'create') || (after === null) !== (action === 'delete')) {
    throw new ShapeError(`"before" and "after" that fit the action of ${where}`);
  }
  const reason = oneOf(reasons)(change.reason, `${where}.reason`);
  const hazards = list(hazardId)(change.hazards, `${where}.hazards`);
  const drift = nullable(driftOf(before))(change.drift, `${where}.drift`);
  return { address, kind, action, reason, hazards, before, after, source, effect, drift };
}

/** Against what is live, as its `changed` was written. */
function driftOf(before: Resource | null) {
  return (value: unknown, where: string): Drift => {
    const drift = record(value, where);
    const applied = nullable(attributesOf('applied'))(drift.applied, `${where}.applied`);
    const compared = Object.entries(applied ?? {}).map(([name, attribute]) => {
      const isSame = isRedacted(attribute) && attribute.redacted === 'same';
      return [name, isSame ? (before?.attributes[name] ?? attribute) : attribute] as const;
    });
    return {
      by: nullable(string)(drift.by, `${where}.by`),
      at: nullable(string)(drift.at, `${where}.at`),
      applied: applied === null ? null : Object.fromEntries(compared),
    };
  };
}

function attributesOf(side: 'before' | 'after' | 'applied') {
  return (value: unknown, where: string): Readonly<Record<string, Attribute>> =>
    Object.fromEntries(
      Object.entries(record(value, where)).map(([name, attribute]) => [
        name,
        attributeOf(attribute, `${where}.${name}`, side),
      ]),
    );
}

function attributeOf(value: unknown, where: string, side: string): Attribute {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return list(string)(value, where);
  const object = record(value, where);
  if (object.redacted === true) {
    return { redacted: boolean(object.changed, `${where}.changed`) ? side : 'same' };
  }
  return { text: string(object.text, `${where}.text`) };
}

function hazardOf(value: unknown, where: string): PlanHazard {
  const hazard = record(value, where);
  return { id: hazardId(hazard.id, `${where}.id`), message: string(hazard.message, `${where}.message`) };
}

function consequenceOf(value: unknown, where: string): Consequence {
  const consequence = record(value, where);
  return {
    kind: oneOf(consequenceKinds)(consequence.kind, `${where}.kind`),
    address: string(consequence.address, `${where}.address`),
    message: string(consequence.message, `${where}.message`),
    source: nullable(positionOf)(consequence.source, `${where}.source`),
  };
}

function positionOf(value: unknown, where: string): Position {
  const { file, line, column } = record(value, where);
  const at = integer(column, `${where}.column`);
  return {
    file: string(file, `${where}.file`),
    line: integer(line, `${where}.line`),
    column: at,
    endColumn: at + 1,
  };
}

type Reader<T> = (value: unknown, where: string) => T;

const hazardId: Reader<HazardId> = (value, where) => oneOf(hazardIds)(value, where);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function record(value: unknown, where: string): Record<string, unknown> {
  if (!isRecord(value)) throw new ShapeError(`an object at ${where}`);
  return value;
}

function string(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new ShapeError(`a string at ${where}`);
  return value;
}

function boolean(value: unknown, where: string): boolean {
  if (typeof value !== 'boolean') throw new ShapeError(`true or false at ${where}`);
  return value;
}

function integer(value: unknown, where: string): number {
  if (!Number.isSafeInteger(value)) throw new ShapeError(`a whole number at ${where}`);
  return value as number;
}

/** A git or sha256 id. */
function hex(value: unknown, where: string): string {
  const text = string(value, where);
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text)) throw new ShapeError(`40 or 64 hex digits at ${where}`);
  return text;
}

function nullable<T>(read: Reader<T>): Reader<T | null> {
  return (value, where) => (value === null ? null : read(value, where));
}

function list<T>(read: Reader<T>): Reader<readonly T[]> {
  return (value, where) => {
    if (!Array.isArray(value)) throw new ShapeError(`a list at ${where}`);
    return value.map((item, index) => read(item, `${where}[${index}]`));
  };
}

function oneOf<const T extends string>(allowed: readonly T[]): Reader<T> {
  return (value, where) => {
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw new ShapeError(`one of ${allowed.join(', ')} at ${where}`);
    return found;
  };
}
