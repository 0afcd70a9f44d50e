/**
 * The stage with effects: carries out a plan, exactly. Lock, compare with what the plan was made against, then
 * carry-out.ts. One apply at a time on every host and database that it acts on.
 */
import type { Compiled } from '../compile.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { stateHash } from '../diff/canonical.ts';
import type { Plan, State } from '../model/plan.ts';
import type { SourceFile } from '../model/source-document.ts';
import { carryOut } from './carry-out.ts';
import { diagnosticsOf } from './diagnostics-of.ts';
import { readLive } from './read-live.ts';
import type { ApplyRecord, Holder, Lock, Targets } from './targets.ts';

export interface ApplyRequest {
  readonly plan: Plan;
  readonly compiled: Compiled;
  /** What was compiled: kept with the record, so that the generation can be returned to. */
  readonly source: readonly SourceFile[];
  /** The side of the plan that is to be. */
  readonly desired: State;
  readonly targets: Targets;
  readonly record: ApplyRecord;
  /** Of the commit; null without one. */
  readonly author: string | null;
  readonly holder: Holder;
  /** Heeded between any two steps: before the rows are committed nothing has changed, later the rest is left. */
  readonly interrupted: AbortSignal;
  /** Whether listeners are tried before the apply counts as done. */
  readonly probes: boolean;
  /** Told before each step begins; `subject` is the service, the host or the database that it is about. */
  readonly onStep: (step: Step, subject: string | null) => void;
  /** Milliseconds since any fixed moment. */
  readonly clock: () => number;
}

export type Step =
  | 'lock'
  | 'compare'
  | 'stage'
  | 'check'
  | 'commit'
  | 'switch'
  | 'network'
  | 'units'
  | 'target'
  | 'start'
  | 'restart'
  | 'reload'
  | 'stop'
  | 'probe'
  | 'record'
  | 'undo';

export type ApplyResult =
  | { readonly outcome: 'done' }
  /** Somebody else has done all of it since the plan was made. */
  | { readonly outcome: 'overtaken' }
  /**
   * Either nothing was changed at all, or what was `applied` stays. `left` are the steps that were not taken; the next
   * apply takes them. Where something was applied and none is left, the listeners were not all tried.
   */
  | { readonly outcome: 'interrupted'; readonly applied: boolean; readonly left: readonly string[] }
  | { readonly outcome: 'locked'; readonly what: string; readonly holder: Holder | null }
  /** The live state is not the one that the plan was made against. */
  | { readonly outcome: 'stale' }
  /** Nothing was changed, or it was and is undone, or (`undone: false`) it could not all be undone. */
  | { readonly outcome: 'failed'; readonly diagnostics: readonly Diagnostic[]; readonly undone: boolean };

/** Runs the whole of the plan or none of it. Hazards have been allowed by the caller. */
export async function apply(request: ApplyRequest): Promise<ApplyResult> {
  const { targets, onStep } = request;
  const locks: Lock[] = [];
  try {
    const reachable = targets.database !== null && (await targets.database.presence()) === 'running';
    for (const target of [...targets.hosts, ...(reachable && targets.database ? [targets.database] : [])]) {
      onStep('lock', target.name);
      const attempt = await target.lock(request.holder);
      if ('heldBy' in attempt) return { outcome: 'locked', what: target.name, holder: attempt.heldBy };
      locks.push(attempt.lock);
    }
    return await applyLocked(request);
  } catch (cause) {
    // Nothing has begun yet: carryOut takes back what has, and does not throw.
    return { outcome: 'failed', diagnostics: diagnosticsOf(cause), undone: true };
  } finally {
    for (const lock of locks.reverse()) await lock.release();
  }
}

async function applyLocked(request: ApplyRequest): Promise<ApplyResult> {
  const { plan, targets, desired, interrupted, onStep } = request;
  onStep('compare', null);
  const live = await readLive(targets, request.compiled);
  const compared = new Set([...live.state.kinds].filter((kind) => desired.kinds.has(kind)));
  const hash = stateHash(live.state, compared);
  if (hash !== plan.stateHash) return { outcome: hash === plan.desiredHash ? 'overtaken' : 'stale' };
  if (plan.changes.length === 0) return { outcome: 'done' };
  if (interrupted.aborted) return { outcome: 'interrupted', applied: false, left: [] };
  return carryOut(request, live.database);
}
