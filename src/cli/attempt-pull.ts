/** The way from a branch to a plan that may be applied, and every place on it where a pull stops. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { error } from '../diagnostics/diagnostic.ts';
import { printable } from '../diagnostics/format/printable.ts';
import { quote } from '../diagnostics/quote.ts';
import { hazardSummaries, refusedHazards } from '../diff/format/refusal.ts';
import { planText } from '../diff/format/text.ts';
import { hazardIds, type Plan } from '../model/plan.ts';
import type { AgentConfig } from '../targets/agent/agent-config.ts';
import type { AgentState } from '../targets/agent/agent-state.ts';
import { checkOut } from '../targets/agent/check-out.ts';
import { type Clone, openClone } from '../targets/agent/clone.ts';
import { ownName } from '../targets/agent/own-name.ts';
import { verifyCommit } from '../targets/agent/verify-commit.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import { type MadePlan, makePlan } from './make-plan.ts';
import { printDiagnostics } from './print-diagnostics.ts';
import type { PullOptions } from './pull.ts';
import { failedReport, pullCommandLine, type Report, rewindOf } from './pull-report.ts';
import { reportFailure } from './report-failure.ts';

export interface PullAttempt {
  /** Takes what is said, which may be no news. */
  readonly io: Io;
  readonly config: AgentConfig;
  readonly options: PullOptions;
  readonly state: AgentState;
  readonly signal: AbortSignal;
}

export type Attempt =
  | { readonly outcome: 'nothing'; readonly isNews: boolean; readonly state: AgentState }
  /** Nothing to remember: another process is at work, or the command meant another plan. */
  | { readonly outcome: 'stopped'; readonly code: ExitCode }
  | {
      readonly outcome: 'waits';
      readonly code: ExitCode;
      readonly report: Report;
      readonly state: AgentState;
    }
  | ReadyPull;

export interface ReadyPull {
  readonly outcome: 'ready';
  readonly plan: Plan;
  readonly host: string;
  readonly headline: string;
  readonly state: AgentState;
}

export async function attemptPull(attempt: PullAttempt): Promise<Attempt> {
  const { io, config, state, signal } = attempt;
  const opened = await openClone({ config, signal });
  const clone = opened.value;
  const fetched = clone === null ? opened : await clone.fetch();
  if (clone === null || typeof fetched.value !== 'string') {
    return refused(attempt, state, 'fetch', null, fetched.diagnostics);
  }
  const commit = fetched.value;
  const seen = { commit, at: new Date().toISOString() };
  const after: AgentState = { ...state, fetched: state.fetched?.commit === commit ? state.fetched : seen };
  // What was applied was verified then; to repair what somebody changed on the host needs no new signature.
  if (commit === state.applied?.commit) return planCommit(attempt, clone, commit, after);

  const rewound = await rewoundBranch(attempt, clone, commit);
  if (rewound !== null) {
    const command = pullCommandLine(attempt.options.config, ['--allow-rewind', commit]);
    printDiagnostics(io, [rewound], []);
    io.stdout(`Waiting: nothing was changed. If this is meant, run on this host:\n  ${command}\n`);
    const report = {
      for: 'branch',
      commit,
      planId: null,
      reason: printable(rewound.message),
      command,
    } as const;
    return { outcome: 'waits', code: exitCodes.hazard, report, state: after };
  }
  const verified = await verifyCommit(commit, { config, clone, signal });
  if (verified.value === null) return refused(attempt, after, 'signature', commit, verified.diagnostics);
  const { by } = verified.value;
  const isKnown = state.verified?.commit === commit && state.verified.by === by;
  return planCommit(attempt, clone, commit, {
    ...after,
    verified: isKnown ? state.verified : { ...seen, by },
  });
}

async function rewoundBranch(attempt: PullAttempt, clone: Clone, commit: string): Promise<Diagnostic | null> {
  const { state, options, config } = attempt;
  if (state.applied === null || options.allowRewind === commit) return null;
  const applied = state.applied.commit;
  if (await clone.isAncestor(applied, commit)) return null;
  const message = `commit ${commit} on ${quote(config.branch)} does not come after ${applied}, which was applied last`;
  return error('pull-branch-rewound', null, message);
}

function refused(
  { io }: PullAttempt,
  state: AgentState,
  kind: Report['for'],
  commit: string | null,
  diagnostics: readonly Diagnostic[],
): Attempt {
  printDiagnostics(io, diagnostics, []);
  const reason = printable(diagnostics[0]?.message ?? '');
  const report = { for: kind, commit, planId: null, reason, command: null };
  return { outcome: 'waits', code: exitCodes.usage, report, state };
}

async function planCommit(
  attempt: PullAttempt,
  clone: Clone,
  commit: string,
  state: AgentState,
): Promise<Attempt> {
  const { io, config } = attempt;
  const short = commit.slice(0, 12);
  const by = state.verified?.commit === commit ? `, signed by ${quote(state.verified.by)}` : '';
  const headline = `Commit ${short} on ${quote(config.branch)}${by}\n`;
  io.stdout(headline);
  const source = await checkOut(clone, commit, config.file);
  const host = config.host ?? (await ownName(attempt.signal));
  const made = source.value === null ? exitCodes.invalid : await planOrCode(attempt, clone, host);
  printDiagnostics(io, source.diagnostics, []);
  if (made === exitCodes.locked) return { outcome: 'stopped', code: made };
  if (source.value === null || typeof made === 'number') {
    const code = typeof made === 'number' ? made : exitCodes.invalid;
    const invalid = code === exitCodes.invalid;
    const reason = invalid
      ? `${printable(config.file)} of commit ${short} is invalid`
      : `commit ${short} could not be planned`;
    const report = { for: invalid ? 'source' : 'plan', commit, planId: null, reason, command: null } as const;
    return { outcome: 'waits', code, report, state };
  }
  if (made.plan.commit !== commit || made.plan.dirty) throw new Error(`the clone is not at commit ${commit}`);
  if (made.plan.changes.length === 0) {
    const isNews = state.applied?.commit !== commit || state.waiting !== null;
    io.stdout('No changes.\n');
    const applied = state.applied?.commit === commit ? state.applied : state.fetched;
    return { outcome: 'nothing', isNews, state: { ...state, applied } };
  }
  return judge(attempt, made, { host, headline, commit, state });
}

/** What stands between a plan with changes and its apply. */
function judge(
  { io, options, state: before }: PullAttempt,
  { plan, notes, stages, elsewhere }: MadePlan,
  { commit, state, ...ready }: Omit<ReadyPull, 'outcome' | 'plan'> & { readonly commit: string },
): Attempt {
  const id = plan.planId.slice(0, 12);
  if (options.plan !== undefined && !plan.planId.startsWith(options.plan)) {
    io.stderr(`error: the plan is not ${options.plan} any more, but ${id}: nothing was changed\n`);
    return { outcome: 'stopped', code: exitCodes.stale };
  }
  const refused = refusedHazards(plan, new Set(options.allow));
  if (refused.length > 0) {
    // The command below is the one that helps here, so the plan names none of its own.
    const paint = io.paint('stdout');
    io.stdout(planText(plan, { paint, full: false, allowed: new Set(hazardIds), elsewhere }));
    for (const note of [...stages, ...notes]) io.stderr(`${note}\n`);
    const reason = `plan ${id} has the hazard${refused.length === 1 ? '' : 's'} ${refused.join(', ')}`;
    const allow = hazardSummaries(plan).flatMap((hazard) => ['--allow', hazard.id]);
    const command = pullCommandLine(options.config, ['--plan', id, ...allow, ...rewindOf(options, commit)]);
    io.stdout(`\nWaiting: ${reason}. Nothing was changed. To go ahead, run on this host:\n  ${command}\n`);
    const report = { for: 'hazards', commit, planId: plan.planId, reason, command } as const;
    return { outcome: 'waits', code: exitCodes.hazard, report, state };
  }
  const { waiting } = before;
  if (waiting?.for === 'apply' && waiting.planId === plan.planId && options.plan === undefined) {
    const { report, text } = failedReport(plan, options);
    io.stdout(text);
    return { outcome: 'waits', code: exitCodes.failed, report, state };
  }
  return { outcome: 'ready', plan, ...ready, state };
}

async function planOrCode(
  { io, config }: PullAttempt,
  clone: Clone,
  host: string,
): Promise<MadePlan | ExitCode> {
  try {
    return await makePlan({ ...io, workingFolder: clone.folder }, config.file, {
      root: config.root,
      host,
      format: 'text',
      ...(config.database === null ? {} : { database: config.database }),
    });
  } catch (cause) {
    return reportFailure(io, cause);
  }
}
