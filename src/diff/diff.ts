/** The stage that compares what mail.yaml asks for with what is there, and says what would change. */
import type { Effect } from '../model/artifact.ts';
import type { Change, Consequence, Plan, Reason, Resource, ResourceKind, State } from '../model/plan.ts';
import { userMoves } from '../render/user-moves.ts';
import { attributeChanges, sameAttributes } from './attributes.ts';
import { byAddress, stateHash } from './canonical.ts';
import { consequences } from './consequences.ts';
import { hazardsOf, type Surroundings, surroundings } from './hazards.ts';
import { type KeyFacts, noKeyFacts } from './key-hazards.ts';
import { type MailRules, mailFlow } from './mail-flow.ts';
import { planId } from './plan-document.ts';
import { planHazards } from './plan-hazards.ts';
import { rowsOfState } from './rows-of-state.ts';
import { signingConsequences } from './signing.ts';

export interface DiffOptions {
  /** The commit that the desired side was read from: its id in hex, or null where the source is not in git. */
  readonly commit: string | null;
  /** Whether the source differs from that commit. */
  readonly dirty: boolean;
  /** `guards.delete_share` of the desired side, 0 to 1. */
  readonly deleteShare: number;
  /** The `mail` settings of each side. A live database does not know them: then give the desired ones twice. */
  readonly mail: { readonly live: MailRules; readonly desired: MailRules };
  /** Of DNS and of the hosts' secrets; none where there are neither. */
  readonly keys?: KeyFacts;
}

/**
 * Pure, and linear in the number of resources. Kinds that one side cannot see are left out. The order in
 * which either side lists its resources does not matter.
 */
export function diff(desired: State, live: State, options: DiffOptions): Plan {
  const kinds = new Set([...desired.kinds].filter((kind) => live.kinds.has(kind)));
  const moves = movesOf(desired, live, kinds);
  const { commit, dirty, deleteShare, keys = noKeyFacts } = options;
  const changes = changesOf(desired, live, kinds, moves, surroundings(desired, live)).map((one) =>
    one.reason === 'changed-in-source' && keys.rotated.has(one.address)
      ? { ...one, reason: 'rotates-secret' as const }
      : one,
  );
  const liveHash = stateHash(live, kinds);
  const plan = {
    commit,
    dirty,
    stateHash: liveHash,
    // Equal states have equal hashes, and most plans find them equal.
    desiredHash: changes.length === 0 ? liveHash : stateHash(desired, kinds),
    changes,
    hazards: planHazards({ changes, desired, live, commit, dirty, deleteShare, keys }),
    consequences: [
      ...signingConsequences(changes, desired),
      ...consequencesOf(desired, live, changes, moves, options),
    ].sort(byAddress),
  };
  return { ...plan, planId: planId(plan) };
}

/** Live resource to take over, by the address that takes it. */
type Moves = ReadonlyMap<string, Resource>;

function movesOf(desired: State, live: State, kinds: ReadonlySet<ResourceKind>): Moves {
  const wanted = [...desired.resources.values()].some((resource) => resource.movedFrom !== null);
  if (!wanted || !kinds.has('user')) return new Map();
  const moves = new Map<string, Resource>();
  for (const [address, former] of userMoves(rowsOfState(live).users, rowsOfState(desired).users)) {
    const old = live.resources.get(`user/${former}`);
    if (old !== undefined) moves.set(`user/${address}`, old);
  }
  return moves;
}

function changesOf(
  desired: State,
  live: State,
  kinds: ReadonlySet<ResourceKind>,
  moves: Moves,
  around: Surroundings,
): readonly Change[] {
  const leaving = new Set([...moves.values()].map((resource) => resource.address));
  const deletes: Change[] = [];
  const creates: Change[] = [];
  const updates: Change[] = [];
  for (const before of live.resources.values()) {
    const stays = desired.resources.has(before.address) || leaving.has(before.address);
    if (kinds.has(before.kind) && !stays) deletes.push(change(before, null, 'not-in-source', around));
  }
  for (const after of desired.resources.values()) {
    if (!kinds.has(after.kind)) continue;
    const moved = moves.get(after.address);
    const before = moved ?? live.resources.get(after.address);
    if (before === undefined) creates.push(change(null, after, 'added-in-source', around));
    else if (moved !== undefined) updates.push(change(before, after, 'moved-in-source', around));
    else if (attributeChanges(before, after).length > 0) {
      updates.push(change(before, after, 'changed-in-source', around));
    }
  }
  return [deletes, creates, updates].flatMap((list) => list.sort(byAddress));
}

function change(
  before: Resource | null,
  after: Resource | null,
  reason: Reason,
  around: Surroundings,
): Change {
  const subject = after ?? before;
  if (subject === null) throw new Error('a change has at least one side');
  const drift = around.live.drift.get((before ?? subject).address) ?? null;
  const sourceIsAsApplied = drift !== null && sameAttributes(drift.applied, after?.attributes ?? null);
  const bare: Change = {
    address: subject.address,
    kind: subject.kind,
    action: after === null ? 'delete' : before === null ? 'create' : 'update',
    reason: sourceIsAsApplied ? 'changed-outside' : reason,
    hazards: [],
    before,
    after,
    source: after?.source ?? null,
    effect: effectOf(before, after),
    drift,
  };
  return { ...bare, hazards: hazardsOf(bare, around) };
}

/** What it makes a running service do. Where nobody knows, the stronger is assumed. */
function effectOf(before: Resource | null, after: Resource | null): Effect | null {
  const kind = (after ?? before)?.kind;
  if (kind === 'container') return before !== null && after !== null ? 'restart' : null;
  if (kind !== 'file' && kind !== 'unit') return null;
  return after?.effect ?? before?.effect ?? 'restart';
}

const mailKinds: ReadonlySet<ResourceKind> = new Set(['domain', 'user', 'alias']);

function consequencesOf(
  desired: State,
  live: State,
  changes: readonly Change[],
  moves: Moves,
  { mail }: DiffOptions,
): readonly Consequence[] {
  const sidesKnowMail = [...mailKinds].every((kind) => live.kinds.has(kind) && desired.kinds.has(kind));
  const mailChanges = changes.some((change) => mailKinds.has(change.kind));
  const settingChanges =
    mail.live.disabledUsers !== mail.desired.disabledUsers ||
    mail.live.recipientDelimiter !== mail.desired.recipientDelimiter;
  if (!sidesKnowMail || !(mailChanges || settingChanges)) return [];
  const newAddresses = new Map(
    [...moves].map(([address, old]) => [old.address.slice('user/'.length), address.slice('user/'.length)]),
  );
  return consequences(
    mailFlow(rowsOfState(live), mail.live),
    mailFlow(rowsOfState(desired), mail.desired),
    newAddresses,
  );
}
