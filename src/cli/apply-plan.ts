/** What `mailc apply` does: make the plan, show it, ask, carry it out, say how it went. */
import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { basename, resolve } from 'node:path';
import { version } from '../../package.json';
import { type ApplyResult, apply, type Step } from '../apply/apply.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { planJson } from '../diff/format/json.ts';
import { allowingCommand, refusedHazards } from '../diff/format/refusal.ts';
import { planText, summaryLine } from '../diff/format/text.ts';
import { summaryOf } from '../diff/plan-document.ts';
import { readPlan } from '../diff/read-plan.ts';
import type { HazardId, Plan } from '../model/plan.ts';
import type { ApplyOptions } from './apply.ts';
import { compileSource } from './compile-source.ts';
import { confirm } from './confirm.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import { type MadePlan, planAgainst } from './make-plan.ts';
import { compileAndOpen, type OpenTargets } from './open-targets.ts';
import { printDiagnostics } from './print-diagnostics.ts';
import { defaultSource } from './read-source.ts';

export async function applyPlan(io: Io, planOrFile: string, options: ApplyOptions): Promise<ExitCode> {
  if (options.database === undefined && options.root === undefined) {
    io.stderr('error: apply needs something to act on: --database URL, --root FOLDER, or both\n');
    return exitCodes.usage;
  }
  const isSavedPlan = planOrFile.endsWith('.json');
  const saved = isSavedPlan ? readSavedPlan(io, planOrFile) : null;
  if (typeof saved === 'number') return saved;
  const file = isSavedPlan ? (options.source ?? defaultSource) : planOrFile;
  const opened = await compileAndOpen(io, options, () => compileSource(io, file));
  if (opened === null) return exitCodes.invalid;
  const { compiled, targets } = opened;
  try {
    const made = await planAgainst(io, file, { ...options, format: 'text' }, compiled, targets);
    if (saved !== null && saved.planId !== made.plan.planId) return stale(io);
    return await applyMade(io, options, made, targets);
  } finally {
    await opened.close();
  }
}

async function applyMade(
  io: Io,
  options: ApplyOptions,
  made: MadePlan,
  targets: OpenTargets,
): Promise<ExitCode> {
  const { plan, compiled, desired } = made;
  const allowed = new Set<HazardId>([
    ...options.allow,
    ...(options.allowDirty ? ['not-committed' as const] : []),
  ]);
  show(io, options, plan, allowed);
  for (const stage of made.stages) io.stderr(`${stage}\n`);
  if (plan.changes.length === 0) return exitCodes.done;
  const refused = refusedHazards(plan, allowed);
  if (refused.length > 0) {
    io.stderr(`error: refused, and nothing was changed: allow with ${allowingCommand(refused)}\n`);
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
    desired,
    targets,
    holder: { pid: process.pid, since, who },
    record: { mailc: version, commit, dirty, planId, who, at: since, summary: summaryOf(plan) },
    interrupted: io.interrupted(),
    onStep: (step) => progress(io, step),
  });
  return conclude(io, options, plan, result);
}

function show(io: Io, options: ApplyOptions, plan: Plan, allowed: ReadonlySet<HazardId>): void {
  if (options.format === 'json') io.stdout(planJson(plan, version));
  else io.stdout(planText(plan, { paint: io.paint('stdout'), full: options.full === true, allowed }));
}

const stepNames: Readonly<Record<Step, string>> = {
  lock: 'taking the lock',
  compare: 'comparing with what is live',
  stage: 'staging files',
  commit: 'committing rows',
  switch: 'switching files',
  record: 'recording',
};

function progress(io: Io, step: Step): void {
  if (io.stderrIsTerminal) io.stderr(`${io.paint('stderr')('dim', `… ${stepNames[step]}`)}\n`);
}

function conclude(io: Io, options: ApplyOptions, plan: Plan, result: ApplyResult): ExitCode {
  switch (result.outcome) {
    case 'done':
      if (options.format === 'text') {
        io.stdout(`Applied: ${summaryLine(plan)}\n`);
        io.stderr(
          'Containers are not started or stopped by this version of mailc: run the scripts in docker/.\n',
        );
      }
      return exitCodes.done;
    case 'interrupted':
      io.stderr('interrupted: nothing was changed\n');
      return exitCodes.interrupted;
    case 'locked': {
      const { holder, what } = result;
      const by =
        holder === null ? 'another apply' : `${holder.who} (process ${holder.pid}) since ${holder.since}`;
      io.stderr(`error: ${what} is locked by ${by}: try again when that apply has ended\n`);
      return exitCodes.locked;
    }
    case 'stale':
      return stale(io);
    case 'failed':
      reportUndone(io, result.diagnostics, result.undone);
      return exitCodes.failed;
  }
}

function reportUndone(io: Io, diagnostics: readonly Diagnostic[], undone: boolean): void {
  printDiagnostics(io, diagnostics, []);
  io.stderr(
    undone
      ? 'apply failed; everything is as it was before\n'
      : 'apply failed, and not all of it could be undone: mailc plan shows what is left; apply again to converge\n',
  );
}

function stale(io: Io): ExitCode {
  io.stderr('error: the plan is stale: what is live, mail.yaml or its commit changed since it was made\n');
  io.stderr('hint: make and review a new one with mailc plan -o plan.json\n');
  return exitCodes.stale;
}

function readSavedPlan(io: Io, file: string): Plan | ExitCode {
  let text: string;
  try {
    text = readFileSync(resolve(io.workingFolder, file), 'utf8');
  } catch (cause) {
    io.stderr(`error: ${basename(file)} cannot be read: ${cause instanceof Error ? cause.message : cause}\n`);
    return exitCodes.usage;
  }
  const read = readPlan(text);
  printDiagnostics(io, read.diagnostics, []);
  return read.value ?? exitCodes.stale;
}
