/**
 * From a plan that still fits to a system that runs by it: stage, check, commit the rows, switch the files, have the
 * services take notice, probe, record. Before the commit a failure leaves nothing changed; after it, files, rows
 * and services go back to what they were.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../diagnostics/diagnostic-error.ts';
import type { Artifact } from '../model/artifact.ts';
import type { Change } from '../model/plan.ts';
import type { ApplyRequest, ApplyResult } from './apply.ts';
import { attempt } from './attempt.ts';
import { changedUnits } from './changed-units.ts';
import { diagnosticsOf } from './diagnostics-of.ts';
import type { Part, Progress } from './part.ts';
import { recordedContainers } from './recorded-containers.ts';
import { rolePasswords } from './role-passwords.ts';
import type { RuntimeAction } from './runtime.ts';
import { secretsElsewhere } from './secrets-elsewhere.ts';
import { type HostActions, pendingOf, serviceActions } from './service-actions.ts';
import { shareSecrets } from './share-secrets.ts';
import { takeBack } from './take-back.ts';
import type { HostRecord, LiveDatabase } from './targets.ts';
import { writeJournal } from './write-journal.ts';

export async function carryOut(request: ApplyRequest, live: LiveDatabase | null): Promise<ApplyResult> {
  const parts: Part[] = [];
  const progress: Progress = { committed: false, switched: false };
  const started = request.clock();
  try {
    const staging = await stage(request, parts);
    if (staging.length > 0) return failed(staging, true);
    await check(request, parts);
    request.interrupted.throwIfAborted();

    const starting = parts.some(({ actions }) => actions.first.length > 0);
    if (starting) {
      switchFiles(request, parts, progress);
      await act(request, parts, 'first');
    }
    await commit(request, parts, live, progress);
    if (!starting) switchFiles(request, parts, progress);
    await act(request, parts, 'rest');
    await probe(request, parts);
    record(request, parts, 'done', started);
    for (const { host } of parts) host.writeJournal(null);
    return { outcome: 'done' };
  } catch (cause) {
    const { interrupted } = request;
    const keeps = progress.switched && interrupted.aborted && cause === interrupted.reason;
    const end = keeps ? leave : turnBack;
    return end({ request, parts, live, progress, started, cause });
  }
}

/** An apply that does not come to its end, and where it stood. */
interface Broken {
  readonly request: ApplyRequest;
  readonly parts: readonly Part[];
  readonly live: LiveDatabase | null;
  readonly progress: Progress;
  readonly started: number;
  /** What was thrown. */
  readonly cause: unknown;
}

/** Interrupted behind the switch: what is done stays, and the next apply finds the rest in the journal. */
async function leave({ request, parts, progress, started }: Broken): Promise<ApplyResult> {
  const left = leftOf(request, parts, progress);
  const unrecorded = await attempt(() => {
    record(request, parts, 'interrupted', started);
    if (left.length === 0) for (const { host } of parts) host.writeJournal(null);
  });
  if (unrecorded.length > 0) return failed(unrecorded, false);
  return { outcome: 'interrupted', applied: true, left };
}

/** Back to the generation before. Never throws: whoever is told that all is as it was may rely on it. */
async function turnBack({ request, parts, live, progress, started, cause }: Broken): Promise<ApplyResult> {
  const diagnostics = diagnosticsOf(cause);
  const undo = await takeBack(request, parts, live, progress);
  if (request.interrupted.aborted && undo.length === 0) {
    return { outcome: 'interrupted', applied: false, left: [] };
  }
  if (undo.length === 0) {
    const codes = diagnostics.map(({ code }) => code);
    // Somebody may have been faster than the comparison: between reading the rows and locking them.
    if (codes.includes('database-changed')) return { outcome: 'stale' };
    if (codes.includes('database-locked')) {
      return { outcome: 'locked', what: request.targets.database?.name ?? '', holder: null };
    }
  }
  const explained = undo.length === 0 ? await failingAnyway(request, parts, diagnostics) : diagnostics;
  // Without the record all may still be as it was; the history then lacks a line.
  const unrecorded = progress.switched ? await attempt(() => record(request, parts, 'undone', started)) : [];
  return failed([...explained, ...undo, ...unrecorded], undo.length === 0);
}

/** Gives what stands in the way; else every host has its part. */
async function stage(request: ApplyRequest, parts: Part[]): Promise<readonly Diagnostic[]> {
  const { compiled, plan, targets } = request;
  const hosts = targets.hosts.map((host) => ({
    host,
    units: changedUnits(plan.changes, compiled.artifacts, host.name),
  }));
  const missing = hosts.flatMap(({ host, units }) => host.missingSecrets([...units.values()].flat()));
  missing.push(...secretsElsewhere(compiled, targets.hosts));
  if (missing.length > 0) return missing;
  const secrets = shareSecrets(compiled, targets.hosts);
  const { database } = targets;
  const toStart =
    database?.container != null && changesRows(plan.changes) && (await database.presence()) !== 'running'
      ? database.container.name
      : null;
  for (const { host, units } of hosts) {
    request.onStep('stage', host.name);
    const staged = host.stage(units, secrets.get(host.name) ?? new Map(), request.record.commit);
    const containers = compiled.containers.filter((container) => container.host === host.name);
    const actions =
      host.runtime === null
        ? { first: [], rest: [] }
        : serviceActions(plan.changes, containers, host.name, toStart);
    parts.push({ host, staged, actions, begun: [], done: [] });
  }
  return [];
}

/**
 * Each service's own program reads what is to be, before anything that runs does; and what is to start again must not
 * stop where it could not.
 */
async function check(request: ApplyRequest, parts: readonly Part[]): Promise<void> {
  const starting = parts.filter(({ actions }) => [...actions.first, ...actions.rest].some(startsSomething));
  const unable = starting.map(async ({ host }) => (await host.runtime?.startable()) ?? []);
  const found = await Promise.all([
    ...unable,
    ...parts.flatMap(({ host, staged }) =>
      request.compiled.containers
        .filter((container) => container.host === host.name)
        .map(async (container) => {
          const folder = staged.folders.get(container.service);
          if (host.runtime === null || folder === undefined) return [];
          request.onStep('check', container.name);
          return host.runtime.check(container, folder);
        }),
    ),
  ]);
  if (found.flat().length > 0) throw new DiagnosticError(...found.flat());
}

async function commit(
  request: ApplyRequest,
  parts: readonly Part[],
  before: LiveDatabase | null,
  progress: Progress,
): Promise<void> {
  const { compiled, plan, record, interrupted, targets } = request;
  const { passwordSecret } = compiled.system.database;
  const setsPassword = parts.some(({ host }) =>
    refersTo(changedUnits(plan.changes, compiled.artifacts, host.name), passwordSecret),
  );
  const passwords = rolePasswords(request);
  const isNeeded = changesRows(plan.changes) || setsPassword || passwords.superuserPassword !== null;
  if (targets.database === null || before === null || !isNeeded) return;
  interrupted.throwIfAborted();
  request.onStep('commit', targets.database.name);
  await targets.database.sync({ system: compiled.system, before, ...passwords, record, interrupted });
  progress.committed = true;
}

/** From here on a crash leaves a journal, by which the next apply knows what services have not noticed yet. */
function switchFiles(request: ApplyRequest, parts: readonly Part[], progress: Progress): void {
  for (const part of parts) {
    const { host, staged, actions } = part;
    request.onStep('switch', host.name);
    const pending = pendingOf([...actions.first, ...actions.rest]);
    if (Object.keys(pending).length > 0) writeJournal(request, part, pending);
    progress.switched = true;
    staged.switchUnits();
  }
}

async function act(request: ApplyRequest, parts: readonly Part[], when: keyof HostActions): Promise<void> {
  for (const part of parts) {
    const { host, actions, begun, done } = part;
    for (const action of actions[when]) {
      request.interrupted.throwIfAborted();
      request.onStep(action.kind, 'container' in action ? action.container.name : host.name);
      begun.push(action);
      await host.runtime?.act(action);
      done.push(action);
      const all = [...actions.first, ...actions.rest];
      const left = pendingOf(all.slice(all.indexOf(action) + 1));
      if ('container' in action) writeJournal(request, part, left);
    }
  }
}

/** Only where something runs differently now: rows alone change no listener. */
async function probe(request: ApplyRequest, parts: readonly Part[]): Promise<void> {
  if (!request.probes) return;
  for (const { host, begun } of parts) {
    if (host.probe === null || begun.length === 0) continue;
    request.onStep('probe', host.name);
    const found = await host.probe(request.interrupted).catch((cause) => {
      request.interrupted.throwIfAborted();
      throw cause;
    });
    request.interrupted.throwIfAborted();
    if (found.length > 0) throw new DiagnosticError(...found);
  }
}

/** Says of each probe that failed whether it does without the change as well: then another change is no cure. */
async function failingAnyway(
  request: ApplyRequest,
  parts: readonly Part[],
  diagnostics: readonly Diagnostic[],
): Promise<readonly Diagnostic[]> {
  if (request.interrupted.aborted || !diagnostics.some(({ code }) => code === 'probe-failed'))
    return diagnostics;
  const before = await Promise.all(
    // A host that had no generation before has nothing to probe again.
    parts.map(({ host }) => (host.readRecord() === null ? [] : (host.probe?.(request.interrupted) ?? []))),
  );
  const messages = new Set(before.flat().map(({ message }) => message));
  return diagnostics.map((one) =>
    one.code === 'probe-failed' && messages.has(one.message)
      ? {
          ...one,
          hint: 'it fails without this change too: mend it first, or leave the probes out (--no-probe)',
        }
      : one,
  );
}

function record(
  request: ApplyRequest,
  parts: readonly Part[],
  result: HostRecord['result'],
  started: number,
): void {
  const { compiled, source, author } = request;
  for (const { host, staged } of parts) {
    request.onStep('record', host.name);
    const { generation } = staged;
    const entry: HostRecord = {
      ...request.record,
      generation,
      result,
      seconds: Math.round(request.clock() - started) / 1000,
      author,
      ports: compiled.system.hosts.find(({ name }) => name === host.name)?.ports ?? {},
      containers: recordedContainers(compiled, host.name),
    };
    host.record(entry, source);
  }
}

function startsSomething({ kind }: RuntimeAction): boolean {
  return kind === 'start' || kind === 'restart' || kind === 'network';
}

/** In the words of the command's output: `restart postfix`. */
function leftOf(
  { plan, targets }: ApplyRequest,
  parts: readonly Part[],
  { committed }: Progress,
): readonly string[] {
  const rows =
    targets.database !== null && changesRows(plan.changes) && !committed ? ['commit the rows'] : [];
  const actions = parts.flatMap(({ host, actions: { first, rest }, done }) =>
    [...first, ...rest]
      .filter((action) => !done.includes(action))
      .map((action) => `${action.kind} ${'container' in action ? action.container.name : host.name}`),
  );
  return [...rows, ...actions];
}

const databaseKinds: ReadonlySet<string> = new Set(['schema', 'domain', 'user', 'alias']);

function changesRows(changes: readonly Change[]): boolean {
  return changes.some((change) => databaseKinds.has(change.kind));
}

/** Files that hold the database's password may hold a new one, which then must be the database's too. */
function refersTo(units: ReadonlyMap<string, readonly Artifact[]>, secret: string): boolean {
  const artifacts = [...units.values()].flat();
  return artifacts.some(({ content }) =>
    content.some((part) => typeof part !== 'string' && part.secret === secret),
  );
}

function failed(diagnostics: readonly Diagnostic[], undone: boolean): ApplyResult {
  return { outcome: 'failed', diagnostics, undone };
}
