/**
 * The stage with effects: carries out a plan, exactly. Lock, compare with what the plan was made against,
 * stage, commit the rows, switch the files, record. Before the commit a failure leaves nothing changed; after
 * it, files and rows go back to what they were.
 */
import type { Compiled } from '../compile.ts';
import { type Diagnostic, error } from '../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../diagnostics/diagnostic-error.ts';
import { stateHash } from '../diff/canonical.ts';
import type { Artifact } from '../model/artifact.ts';
import type { Plan, State } from '../model/plan.ts';
import { readLive } from './read-live.ts';
import type {
  ApplyRecord,
  DatabaseTarget,
  Holder,
  HostTarget,
  LiveDatabase,
  Lock,
  StagedHost,
  Targets,
} from './targets.ts';

export interface ApplyRequest {
  readonly plan: Plan;
  readonly compiled: Compiled;
  /** The side of the plan that is to be. */
  readonly desired: State;
  readonly targets: Targets;
  readonly record: ApplyRecord;
  readonly holder: Holder;
  /** Heeded until the rows are committed; what follows takes an instant and is better finished. */
  readonly interrupted: AbortSignal;
  /** Told before each step begins. */
  readonly onStep: (step: Step) => void;
}

export type Step = 'lock' | 'compare' | 'stage' | 'commit' | 'switch' | 'record';

export type ApplyResult =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'interrupted' }
  | { readonly outcome: 'locked'; readonly what: string; readonly holder: Holder | null }
  /** The live state is not the one that the plan was made against. */
  | { readonly outcome: 'stale' }
  /** Nothing was changed, or it was and is undone, or (`undone: false`) it could not all be undone. */
  | { readonly outcome: 'failed'; readonly diagnostics: readonly Diagnostic[]; readonly undone: boolean };

/** Runs the whole of the plan or none of it. Hazards have been allowed by the caller. */
export async function apply(request: ApplyRequest): Promise<ApplyResult> {
  const locks: Lock[] = [];
  try {
    request.onStep('lock');
    const lockable = [
      ...request.targets.hosts,
      ...(request.targets.database ? [request.targets.database] : []),
    ];
    for (const target of lockable) {
      const attempt = await target.lock(request.holder);
      if ('heldBy' in attempt) return { outcome: 'locked', what: target.name, holder: attempt.heldBy };
      locks.push(attempt.lock);
    }
    return await applyLocked(request);
  } finally {
    for (const lock of locks.reverse()) await lock.release();
  }
}

async function applyLocked(request: ApplyRequest): Promise<ApplyResult> {
  const { plan, targets, interrupted, onStep } = request;
  onStep('compare');
  const live = await readLive(targets);
  const compared = new Set([...live.state.kinds].filter((kind) => request.desired.kinds.has(kind)));
  if (stateHash(live.state, compared) !== plan.stateHash) return { outcome: 'stale' };
  if (plan.changes.length === 0) return { outcome: 'done' };
  if (interrupted.aborted) return { outcome: 'interrupted' };

  onStep('stage');
  const units = targets.hosts.map((host) => ({ host, units: changedUnits(request, host.name) }));
  const missing = units.flatMap(({ host, units }) => host.missingSecrets([...units.values()].flat()));
  if (missing.length > 0) return { outcome: 'failed', diagnostics: missing, undone: true };
  const staged: { host: HostTarget; staged: StagedHost }[] = [];
  const undoHosts = (): void => {
    for (const entry of staged) entry.staged.undo();
  };
  try {
    const shared = generatedSecrets(request.compiled, targets.hosts);
    for (const { host, units: changed } of units) {
      const secrets = host.keepSecrets(shared);
      for (const name of generatedNames(request.compiled)) {
        const value = secrets.get(name);
        if (value !== undefined) shared.set(name, value);
      }
      if (changed.size > 0) staged.push({ host, staged: host.stage(changed, secrets, request.record.commit) });
    }
    const { passwordSecret } = request.compiled.system.database;
    const password = units.some((host) => refersTo(host.units, passwordSecret));
    if (targets.database !== null && live.database !== null && (changesDatabase(plan) || password)) {
      onStep('commit');
      const mailPassword = shared.get(passwordSecret) ?? null;
      await commit(request, targets.database, live.database, mailPassword);
    }
  } catch (cause) {
    undoHosts();
    if (interrupted.aborted) return { outcome: 'interrupted' };
    return nothingDone(diagnosticsOf(cause), targets.database?.name ?? '');
  }
  return switchAndRecord(request, staged, live.database, undoHosts);
}

/** Somebody may have been faster than the comparison: between reading the rows and locking them. */
function nothingDone(diagnostics: readonly Diagnostic[], database: string): ApplyResult {
  const codes = diagnostics.map(({ code }) => code);
  if (codes.includes('database-changed')) return { outcome: 'stale' };
  if (codes.includes('database-locked')) return { outcome: 'locked', what: database, holder: null };
  return { outcome: 'failed', diagnostics, undone: true };
}

async function commit(
  request: ApplyRequest,
  database: DatabaseTarget,
  before: LiveDatabase,
  mailPassword: string | null,
): Promise<void> {
  const { compiled, record, interrupted } = request;
  interrupted.throwIfAborted();
  await database.sync({ system: compiled.system, before, mailPassword, record, interrupted });
}

/** Behind the commit: a failure from here on takes the rows back as well. */
async function switchAndRecord(
  request: ApplyRequest,
  staged: readonly { readonly host: HostTarget; readonly staged: StagedHost }[],
  before: LiveDatabase | null,
  undoHosts: () => void,
): Promise<ApplyResult> {
  const { plan, targets, record, compiled, onStep } = request;
  try {
    onStep('switch');
    for (const entry of staged) entry.staged.switchUnits();
    onStep('record');
    for (const { host, staged: generation } of staged)
      host.record(generation, record, portsOf(compiled, host.name));
    return { outcome: 'done' };
  } catch (cause) {
    const diagnostics = [...diagnosticsOf(cause)];
    let undone = true;
    try {
      undoHosts();
      if (targets.database !== null && before !== null && changesDatabase(plan)) {
        await targets.database.restore(compiled.system, before.rows);
      }
    } catch (second) {
      diagnostics.push(...diagnosticsOf(second));
      undone = false;
    }
    return { outcome: 'failed', diagnostics, undone };
  }
}

function generatedNames(compiled: Compiled): readonly string[] {
  return compiled.system.secrets.flatMap(({ name, origin }) => (origin.kind === 'generated' ? [name] : []));
}

/** What the hosts have already; where two differ, the first host's counts, since all must agree. */
function generatedSecrets(compiled: Compiled, hosts: readonly HostTarget[]): Map<string, string> {
  const known = hosts.map((host) => host.readSecrets()).reverse();
  const names = new Set(generatedNames(compiled));
  return new Map(known.flatMap((secrets) => [...secrets].filter(([name]) => names.has(name))));
}

const databaseKinds: ReadonlySet<string> = new Set(['schema', 'domain', 'user', 'alias']);

function changesDatabase(plan: Plan): boolean {
  return plan.changes.some((change) => databaseKinds.has(change.kind));
}

/** Files that hold the database's password may hold a new one, which then must be the database's too. */
function refersTo(units: ReadonlyMap<string, readonly Artifact[]>, secret: string): boolean {
  const artifacts = [...units.values()].flat();
  return artifacts.some(({ content }) =>
    content.some((part) => typeof part !== 'string' && part.secret === secret),
  );
}

/** The units in which the plan changes a file, each with all its artifacts, since a generation is whole. */
function changedUnits(request: ApplyRequest, host: string): ReadonlyMap<string, readonly Artifact[]> {
  const units = new Map<string, Artifact[]>();
  for (const { address, kind } of request.plan.changes) {
    if (kind === 'unit' && address.startsWith(`unit/${host}/`)) units.set('systemd', []);
    if (kind === 'file' && address.startsWith(`file/${host}/`)) {
      units.set(address.slice(`file/${host}/`.length).split('/', 1)[0] ?? '', []);
    }
    // A port that only the record lacks, as after an apply that was killed before it wrote one.
    if (kind === 'port' && address.startsWith(`port/${host}/`)) units.set('docker', []);
  }
  for (const artifact of request.compiled.artifacts) {
    if (artifact.host === host && artifact.unit !== null) units.get(artifact.unit)?.push(artifact);
  }
  return units;
}

function portsOf(compiled: Compiled, host: string): Readonly<Record<string, number | null>> {
  return compiled.system.hosts.find(({ name }) => name === host)?.ports ?? {};
}

function diagnosticsOf(cause: unknown): readonly Diagnostic[] {
  if (cause instanceof DiagnosticError) return cause.diagnostics;
  const message = cause instanceof Error ? cause.message : String(cause);
  return [error('apply-failed', null, message)];
}
