/** Desired against live: the resources of both sides, and the changes between them. Plain data with a JSON form. */
import type { Effect } from './artifact.ts';
import type { Position } from './position.ts';

/** Anything that a plan can create, update or delete. */
export interface Resource {
  readonly kind: ResourceKind;
  /** `user/bob@example.com`, `file/HOST/postfix/main.cf`, …: unique in a state. */
  readonly address: string;
  /** What is compared, by name. */
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Null on the live side. */
  readonly source: Position | null;
  /** What a change of it makes the service do; only files have one. */
  readonly effect: Effect | null;
  /** The address under which the same thing may stand in the live state (`moved_from`). */
  readonly movedFrom: string | null;
}

export const resourceKinds = [
  'schema', // tables, views and roles of the database
  'domain',
  'user',
  'alias',
  'file',
  'port',
  'container',
  'unit',
  'dns',
] as const;
export type ResourceKind = (typeof resourceKinds)[number];

/** Null is "not set". */
export type Attribute = string | number | boolean | null | readonly string[] | Redacted | Text;

/** A value that may be compared and never shown, such as a password hash. */
export interface Redacted {
  readonly redacted: string;
}

/** The text of a file, shown as a line diff. */
export interface Text {
  readonly text: string;
}

/** By resource address. */
export interface State {
  readonly resources: ReadonlyMap<string, Resource>;
  /** The kinds that this side knows anything about: a kind that either side cannot see is not compared. */
  readonly kinds: ReadonlySet<ResourceKind>;
  /**
   * By resource address: what is not as the last apply left it, things that are gone among it. Empty on the
   * desired side, and where a live side remembers nothing.
   */
  readonly drift: ReadonlyMap<string, Drift>;
}

/** A change that somebody made outside mailc since the last apply. */
export interface Drift {
  /** Whom the live side knows of, in its words: `owner root`, `role bob`; null where it knows nobody. */
  readonly by: string | null;
  /** ISO 8601 in UTC. */
  readonly at: string | null;
  /** The attributes that the last apply left; null where it left nothing. */
  readonly applied: Readonly<Record<string, Attribute>> | null;
}

export type Action = 'create' | 'update' | 'delete';

/** Why a change is there; stable ids, documented in docs/plan.md. */
export const reasons = [
  'added-in-source',
  'changed-in-source',
  'changed-outside', // mail.yaml asks for what the last apply left, and somebody changed that
  'moved-in-source',
  'not-in-source',
  'rotates-secret', // as mail.yaml has it; a secret in it gets another value, because somebody asked for it
] as const;
export type Reason = (typeof reasons)[number];

export interface Change {
  readonly address: string;
  readonly kind: ResourceKind;
  readonly action: Action;
  readonly reason: Reason;
  /** Sorted ids. */
  readonly hazards: readonly HazardId[];
  readonly before: Resource | null;
  readonly after: Resource | null;
  readonly source: Position | null;
  readonly effect: Effect | null;
  /** Null where what is live is what the last apply left, or nobody can tell. */
  readonly drift: Drift | null;
}

export const hazardIds = [
  'changes-password',
  'closes-port',
  'deletes-alias',
  'deletes-domain',
  'deletes-many',
  'deletes-user',
  'dkim-unpublished',
  'exposes-service',
  'not-committed',
  'opens-port',
  'rotates-key',
] as const;
export type HazardId = (typeof hazardIds)[number];

/** A hazard that belongs to the plan as a whole, such as a share of all users being deleted. */
export interface PlanHazard {
  readonly id: HazardId;
  /** One sentence with the numbers. */
  readonly message: string;
}

/** What the changes mean for whoever writes or receives mail. */
export const consequenceKinds = [
  'bounces', // mail that arrived is refused
  'delivers', // mail that was refused arrives
  'reroutes', // mail arrives somewhere else
  'gains-send-as', // a user may send as one more address
  'loses-send-as',
  'gains-login', // a user may log in again
  'loses-login',
  'changes-dkim-key', // mail of a domain is signed with another key
] as const;
export type ConsequenceKind = (typeof consequenceKinds)[number];

export interface Consequence {
  readonly kind: ConsequenceKind;
  /** The address that it is about; `@example.com` for every address of a domain. */
  readonly address: string;
  /** A sentence without its full stop: `info@old.example will bounce (was delivered to bob@example.com)`. */
  readonly message: string;
  /** The line of mail.yaml to blame, where one line is. */
  readonly source: Position | null;
}

export interface Plan {
  /** 40 hex digits; null when the source is not in git. */
  readonly commit: string | null;
  /** True when a source file differs from that commit. */
  readonly dirty: boolean;
  /** sha256 of all the rest, hex: the same plan has the same id on every machine. */
  readonly planId: string;
  /** sha256 of the live state that the plan was made against, hex. */
  readonly stateHash: string;
  /** The same of the desired state: it covers what a plan may not show, such as the new password's hash. */
  readonly desiredHash: string;
  /** Deletes, then creates, then updates; each sorted by address. */
  readonly changes: readonly Change[];
  readonly hazards: readonly PlanHazard[];
  /** Sorted by address. */
  readonly consequences: readonly Consequence[];
}
