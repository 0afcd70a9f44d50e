/** What `mailc apply` does: make the plan, show it, ask, carry it out, say how it went. */
import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { version } from '../../package.json';
import { apply } from '../apply/apply.ts';
import { elsewhereNotes } from '../diff/format/elsewhere-lines.ts';
import { refusedHazards } from '../diff/format/refusal.ts';
import { summaryOf } from '../diff/plan-document.ts';
import { readPlan } from '../diff/read-plan.ts';
import type { HazardId, Plan } from '../model/plan.ts';
import { openRepository } from '../targets/git.ts';
import type { ApplyOptions } from './apply.ts';
import { type ApplyReport, applyReport, exitCodeOf } from './apply-report.ts';
import { type CompiledSource, compileSource } from './compile-source.ts';
import { confirm } from './confirm.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import { type LivePlan, planAgainst } from './make-plan.ts';
import { compileAndOpen, type OpenTargets } from './open-targets.ts';
import { printDiagnostics } from './print-diagnostics.ts';
import { defaultSource } from './read-source.ts';

export async function applyPlan(io: Io, planOrFile: string, options: ApplyOptions): Promise<ExitCode> {
  const isSavedPlan = planOrFile.endsWith('.json');
  const saved = isSavedPlan ? readSavedPlan(io, planOrFile) : null;
  if (typeof saved === 'number') return saved;
  const file = isSavedPlan ? (options.source ?? defaultSource) : planOrFile;
  return applySource(io, file, options, saved, () => compileSource(io, file));
}

/** What `compile` gives, which need not be what lies in the file: an earlier generation, for one. */
export async function applySource(
  io: Io,
  file: string,
  options: ApplyOptions,
  saved: Plan | null,
  compile: () => Promise<CompiledSource | null>,
): Promise<ExitCode> {
  if (options.database === undefined && options.root === undefined) {
    io.stderr('error: apply needs something to act on: --database URL, --root FOLDER, or both\n');
    return exitCodes.usage;
  }
  const opened = await compileAndOpen(io, options, compile);
  if (opened === null) return exitCodes.invalid;
  const { compiled, targets } = opened;
  const report = applyReport(io, options);
  try {
    const made = await planAgainst(io, file, { ...options, format: 'text' }, compiled, targets);
    if (saved !== null && saved.planId !== made.plan.planId) {
      report.stale();
      return exitCodes.stale;
    }
    const code = await applyMade(io, file, options, made, targets, report);
    const rowsCameUp = made.databaseIsStopped && (await targets.database?.presence()) === 'running';
    if (code !== exitCodes.done || !rowsCameUp) return code;
    report.note('The database is up: now its rows.');
    const rest = await planAgainst(io, file, { ...options, format: 'text' }, compiled, targets);
    return await applyMade(io, file, options, rest, targets, report);
  } finally {
    await opened.close();
  }
}

async function applyMade(
  io: Io,
  file: string,
  options: ApplyOptions,
  made: LivePlan,
  targets: OpenTargets,
  report: ApplyReport,
): Promise<ExitCode> {
  const { plan, compiled, desired } = made;
  const allowed = new Set<HazardId>([
    ...options.allow,
    ...(options.allowDirty ? ['not-committed' as const] : []),
  ]);
  report.plan(plan, allowed, made.elsewhere);
  for (const stage of made.stages) report.note(stage);
  if (made.elsewhere !== null) for (const note of elsewhereNotes(made.elsewhere)) report.note(note);
  if (plan.changes.length === 0) {
    report.nothing();
    return exitCodes.done;
  }
  for (const note of made.notes) report.note(note);
  const refused = refusedHazards(plan, allowed);
  if (refused.length > 0) {
    report.refused(refused);
    return exitCodes.hazard;
  }
  const agreed = await confirm(io, options, plan);
  if (agreed !== true) return agreed;

  const since = new Date().toISOString();
  const who = `${userInfo().username}@${hostname()}`;
  const { commit, dirty, planId } = plan;
  const result = await apply({
    plan,
    compiled,
    source: compiled.files,
    desired,
    targets,
    holder: { pid: process.pid, since, who },
    record: { mailc: version, commit, dirty, planId, who, at: since, summary: summaryOf(plan) },
    author: await authorOf(io, file, commit),
    interrupted: io.interrupted(),
    probes: options.probe !== false,
    onStep: report.step,
    clock: () => performance.now(),
  });
  if (result.outcome === 'stale') report.stale();
  else report.result(plan, result);
  return exitCodeOf(result);
}

/** For the history; an apply does not fail for the want of it. */
async function authorOf(io: Io, file: string, commit: string | null): Promise<string | null> {
  if (commit === null) return null;
  const { value } = await openRepository(dirname(resolve(io.workingFolder, file)));
  try {
    return (await value?.author(commit)) ?? null;
  } catch {
    return null;
  }
}

function readSavedPlan(io: Io, file: string): Plan | ExitCode {
  let text: string;
  try {
    text = readFileSync(resolve(io.workingFolder, file), 'utf8');
  } catch (cause) {
    io.stderr(`error: ${basename(file)} cannot be read: ${cause instanceof Error ? cause.message : cause}\n`);
    return exitCodes.usage;
  }
  const read = readPlan(text, version);
  printDiagnostics(io, read.diagnostics, []);
  return read.value ?? exitCodes.stale;
}
