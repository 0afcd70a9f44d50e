/** Hazards of a plan as a whole, which no single change shows: too much deleted, or a source that no commit holds. */
import type { Change, HazardId, PlanHazard, State } from '../model/plan.ts';
import { isRoleAddress } from './hazards.ts';
import { type KeyFacts, losesAKey, signsWithAnUnpublishedKey } from './key-hazards.ts';

export interface PlanFacts {
  readonly changes: readonly Change[];
  readonly desired: State;
  readonly live: State;
  readonly commit: string | null;
  readonly dirty: boolean;
  /** `guards.delete_share`, 0 to 1. */
  readonly deleteShare: number;
  readonly keys: KeyFacts;
}

type Rule = (facts: PlanFacts) => Iterable<PlanHazard>;

const rules: readonly Rule[] = [
  deletesAShareOfAKind,
  leavesADomainWithoutUsers,
  isNotCommitted,
  ({ keys }) => losesAKey(keys),
  ({ changes, keys }) => signsWithAnUnpublishedKey(changes, keys),
];

/** Sorted by id, then message. A plan without changes has none. */
export function planHazards(facts: PlanFacts): readonly PlanHazard[] {
  if (facts.changes.length === 0) return [];
  const hazards = rules.flatMap((rule) => [...rule(facts)]);
  return hazards.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

const key = (hazard: PlanHazard): string => `${hazard.id} ${hazard.message}`;

const counted: readonly { readonly kind: string; readonly many: string; readonly hazard: HazardId }[] = [
  { kind: 'alias', many: 'aliases', hazard: 'deletes-alias' },
  { kind: 'domain', many: 'domains', hazard: 'deletes-domain' },
  { kind: 'user', many: 'users', hazard: 'deletes-user' },
];

/**
 * Judged against what is live, so that a file that lost half its lines cannot argue for itself. A single
 * delete is already named by its own hazard, however small the system; two of them of ten percent are not.
 */
function* deletesAShareOfAKind({ changes, live, deleteShare }: PlanFacts): Generator<PlanHazard> {
  for (const { kind, many, hazard } of counted) {
    const deleted = changes.filter(
      (change) => change.kind === kind && change.hazards.includes(hazard),
    ).length;
    if (deleted < 2) continue;
    let total = 0;
    for (const resource of live.resources.values()) {
      if (resource.kind === kind && !isRoleAddress(resource.address.slice(kind.length + 1))) total++;
    }
    const share = deleted / Math.max(total, deleted);
    if (share < deleteShare) continue;
    const message = `${deleted} of ${total} ${many} would be deleted (${percent(share)}, guarded from ${percent(deleteShare)})`;
    yield { id: 'deletes-many', message };
  }
}

/** Of a domain that stays: one that goes as a whole is `deletes-domain`. */
function* leavesADomainWithoutUsers({ changes, desired }: PlanFacts): Generator<PlanHazard> {
  const emptied = new Set<string>();
  for (const change of changes) {
    if (change.kind === 'user' && change.action === 'delete') emptied.add(domainOf(change.address));
  }
  if (emptied.size === 0) return;
  for (const resource of desired.resources.values()) {
    if (resource.kind === 'user') emptied.delete(domainOf(resource.address));
  }
  for (const domain of emptied) {
    if (!desired.resources.has(`domain/${domain}`)) continue;
    yield { id: 'deletes-many', message: `${domain} would be left without a user` };
  }
}

function* isNotCommitted({ commit, dirty }: PlanFacts): Generator<PlanHazard> {
  if (commit === null) yield { id: 'not-committed', message: 'the source is not in a commit' };
  else if (dirty) {
    yield { id: 'not-committed', message: `the source differs from commit ${commit.slice(0, 12)}` };
  }
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** Rounded down, so that a share just under the guard does not read as the guard. */
function percent(share: number): string {
  return `${Math.floor(share * 1000) / 10} %`;
}
