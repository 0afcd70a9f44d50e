/** What mail.yaml changes for hosts that nobody can look at from here: by what it asked for before, not by what is live. */
import type { Compiled } from '../compile.ts';
import { type Change, type Plan, type ResourceKind, resourceKinds, type State } from '../model/plan.ts';
import { diff } from './diff.ts';
import { type ServiceEffect, serviceEffects } from './service-effects.ts';
import { desiredState } from './state.ts';

/** What is not for this host to apply. */
export interface Elsewhere {
  /** The apply on this host whose mail.yaml today's was compared with; null where there is none to compare with. */
  readonly since: { readonly generation: number; readonly commit: string | null; readonly at: string } | null;
  /** Sorted by host. With `since`, only hosts that something changed for. */
  readonly parts: readonly PartElsewhere[];
}

export interface PartElsewhere {
  readonly host: string;
  /** What it is to run, sorted; empty where mail.yaml does not have the host any more. */
  readonly services: readonly string[];
  /** How many of each kind change, in the order of the kinds; null where there is nothing to compare with. */
  readonly changes: Readonly<Partial<Record<ResourceKind, number>>> | null;
  readonly effects: readonly Pick<ServiceEffect, 'service' | 'action'>[];
}

export interface ElsewhereOptions {
  /** The hosts that this apply is for. */
  readonly own: ReadonlySet<string>;
  /** Whether the rows are for the host with Postgres, and so not for this apply. */
  readonly rowsAreElsewhere: boolean;
}

const hostKinds: ReadonlySet<ResourceKind> = new Set(['file', 'port', 'container', 'unit']);
const rowKinds: ReadonlySet<ResourceKind> = new Set(['schema', 'domain', 'user', 'alias']);

/** Of all hosts but the own ones. `before` is null where nobody knows what was asked for. */
export function partsElsewhere(
  before: Compiled | null,
  now: Compiled,
  { own, rowsAreElsewhere }: ElsewhereOptions,
): readonly PartElsewhere[] {
  const names = [now, ...(before === null ? [] : [before])].flatMap(({ system }) =>
    system.hosts.map(({ name }) => name),
  );
  const others = [...new Set(names)].filter((name) => !own.has(name)).sort();
  const servicesOf = (host: string): readonly string[] =>
    now.system.hosts.find(({ name }) => name === host)?.services ?? [];
  if (before === null) {
    return others.map((host) => ({ host, services: servicesOf(host), changes: null, effects: [] }));
  }
  const { changes } = between(before, now, new Set(others));
  const effects = serviceEffects(changes);
  const rowsOn = rowsAreElsewhere
    ? (others.find((host) => servicesOf(host).includes('postgres')) ?? null)
    : null;
  return others.flatMap((host) => {
    const counts = countsOf(changes.filter((change) => hostFor(change, rowsOn) === host));
    if (Object.keys(counts).length === 0) return [];
    const felt = effects
      .filter((effect) => effect.host === host)
      .map(({ service, action }) => ({ service, action }));
    return [{ host, services: servicesOf(host), changes: counts, effects: felt }];
  });
}

function between(before: Compiled, now: Compiled, hosts: ReadonlySet<string>): Pick<Plan, 'changes'> {
  const asked = (compiled: Compiled): State => ({
    ...desiredState(compiled, { hosts }),
    kinds: new Set([...hostKinds, ...rowKinds]),
  });
  const { system } = now;
  return diff(asked(now), asked(before), {
    commit: null,
    dirty: false,
    deleteShare: system.guards.deleteShare,
    mail: { live: before.system.mail, desired: system.mail },
  });
}

/** The host that a change is for; null where it is for the own one. */
function hostFor({ kind, address }: Change, rowsOn: string | null): string | null {
  return hostKinds.has(kind) ? (address.split('/')[1] ?? null) : rowsOn;
}

function countsOf(changes: readonly Change[]): Readonly<Partial<Record<ResourceKind, number>>> {
  return Object.fromEntries(
    resourceKinds.flatMap((kind) => {
      const count = changes.filter((change) => change.kind === kind).length;
      return count === 0 ? [] : [[kind, count]];
    }),
  );
}
