/** The JSON form of a plan, frozen as format version 1: what `mailc plan -o` saves and `mailc apply` reads back. */
import { createHash } from 'node:crypto';
import type { Effect } from '../model/artifact.ts';
import type {
  Action,
  Attribute,
  Change,
  ConsequenceKind,
  Drift,
  HazardId,
  Plan,
  PlanHazard,
  Reason,
  Resource,
} from '../model/plan.ts';
import type { Position } from '../model/position.ts';
import { isRedacted, sameAttribute } from './attributes.ts';
import type { Elsewhere } from './elsewhere.ts';
import { planChecksum } from './plan-checksum.ts';

export interface PlanDocument {
  readonly formatVersion: 1;
  /** The version of mailc that made the plan. */
  readonly mailc: string;
  readonly commit: string | null;
  readonly dirty: boolean;
  readonly planId: string;
  readonly stateHash: string;
  readonly desiredHash: string;
  readonly changes: readonly ChangeDocument[];
  /** Hazards of the plan as a whole. */
  readonly hazards: readonly PlanHazard[];
  readonly consequences: readonly ConsequenceDocument[];
  readonly summary: Readonly<Record<Action, number>>;
  /** What is for other hosts to apply, which the plan itself does not depend on. */
  readonly elsewhere: Elsewhere | null;
  /** Over all of the above: {@link planChecksum}. */
  readonly checksum: string;
}

export interface ChangeDocument {
  readonly address: string;
  readonly action: Action;
  readonly reason: Reason;
  readonly hazards: readonly HazardId[];
  /** All attributes of that side; null where the thing is not there. */
  readonly before: AttributesDocument | null;
  readonly after: AttributesDocument | null;
  readonly source: PositionDocument | null;
  readonly effect: Effect | null;
  /** What somebody made of it outside mailc since the last apply: `before`, from `applied`. */
  readonly drift: DriftDocument | null;
}

export interface DriftDocument {
  readonly by: string | null;
  readonly at: string | null;
  readonly applied: AttributesDocument | null;
}

export type AttributesDocument = Readonly<Record<string, AttributeDocument>>;

export type AttributeDocument =
  | string
  | number
  | boolean
  | null
  | readonly string[]
  /** The text of a file. */
  | { readonly text: string }
  /**
   * A value that is never shown; `changed` says whether the other side has a different one. The other side of
   * what was applied is what is live.
   */
  | { readonly redacted: true; readonly changed: boolean };

export interface PositionDocument {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface ConsequenceDocument {
  readonly kind: ConsequenceKind;
  readonly address: string;
  readonly message: string;
  readonly source: PositionDocument | null;
}

/** `mailc` is the running version. */
export function planDocument(plan: Plan, mailc: string, elsewhere: Elsewhere | null = null): PlanDocument {
  const sealed = {
    formatVersion: 1 as const,
    mailc,
    planId: plan.planId,
    ...body(plan),
    summary: summaryOf(plan),
    elsewhere,
  };
  return { ...sealed, checksum: planChecksum(sealed) };
}

/**
 * sha256 of the plan's JSON form without its id and without the version of mailc, hex. The form is canonical:
 * no spaces, the names of every object in one order.
 */
export function planId(plan: Omit<Plan, 'planId'>): string {
  return createHash('sha256')
    .update(JSON.stringify(body(plan)))
    .digest('hex');
}

export function summaryOf(plan: Pick<Plan, 'changes'>): Readonly<Record<Action, number>> {
  const summary = { create: 0, update: 0, delete: 0 };
  for (const { action } of plan.changes) summary[action]++;
  return summary;
}

function body(plan: Omit<Plan, 'planId'>) {
  const { commit, dirty, stateHash, desiredHash, changes, hazards, consequences } = plan;
  return {
    commit,
    dirty,
    stateHash,
    desiredHash,
    changes: changes.map(changeDocument),
    hazards: hazards.map(({ id, message }) => ({ id, message })),
    consequences: consequences.map(({ kind, address, message, source }) => ({
      kind,
      address,
      message,
      source: position(source),
    })),
  };
}

function changeDocument(change: Change): ChangeDocument {
  const { address, action, reason, hazards, before, after, source, effect, drift } = change;
  return {
    address,
    action,
    reason,
    hazards,
    before: attributes(before?.attributes ?? null, after?.attributes ?? null),
    after: attributes(after?.attributes ?? null, before?.attributes ?? null),
    source: position(source),
    effect,
    drift: driftDocument(drift, before),
  };
}

function driftDocument(drift: Drift | null, before: Resource | null): DriftDocument | null {
  if (drift === null) return null;
  const { by, at, applied } = drift;
  return { by, at, applied: attributes(applied, before?.attributes ?? null) };
}

type Attributes = Readonly<Record<string, Attribute>>;

function attributes(side: Attributes | null, other: Attributes | null): AttributesDocument | null {
  if (side === null) return null;
  const document: Record<string, AttributeDocument> = {};
  for (const name of Object.keys(side).sort()) {
    document[name] = attribute(side[name] ?? null, other?.[name] ?? null);
  }
  return document;
}

function attribute(value: Attribute, other: Attribute): AttributeDocument {
  if (!isRedacted(value)) return value;
  return { redacted: true, changed: other !== null && !sameAttribute(value, other) };
}

function position(source: Position | null): PositionDocument | null {
  return source === null ? null : { file: source.file, line: source.line, column: source.column };
}
