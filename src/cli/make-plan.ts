/** Makes the plan that plan prints and apply carries out: the same function, so that they cannot differ. */

import { readLive } from '../apply/read-live.ts';
import type { Targets } from '../apply/targets.ts';
import type { Compiled } from '../compile.ts';
import { diff } from '../diff/diff.ts';
import type { Elsewhere } from '../diff/elsewhere.ts';
import { desiredState, state } from '../diff/state.ts';
import type { Plan, State } from '../model/plan.ts';
import { compileCommit } from './compile-commit.ts';
import { type CompiledSource, compileSource } from './compile-source.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { findElsewhere } from './find-elsewhere.ts';
import type { Io } from './io.ts';
import { keyFacts } from './key-facts.ts';
import { compileAndOpen } from './open-targets.ts';
import type { PlanOptions } from './plan.ts';
import { removeSavedPlan } from './save-plan.ts';
import { sourceCommit } from './source-commit.ts';

export interface MadePlan {
  readonly plan: Plan;
  readonly compiled: Compiled;
  readonly desired: State;
  /** What the plan does not cover, a sentence each. */
  readonly notes: readonly string[];
  /** How far each DKIM rotation has come and what comes next, a sentence each. */
  readonly stages: readonly string[];
  /** What is for other hosts to apply; null where nothing is known to be. No part of the plan, nor of its hashes. */
  readonly elsewhere: Elsewhere | null;
}

/** Against what is live, and so one that can be applied. */
export interface LivePlan extends MadePlan {
  readonly compiled: CompiledSource;
  /** Whether rows are not compared because nobody answers for them. */
  readonly databaseIsStopped: boolean;
}

/** An exit code where there is no plan; why has been said on stderr. */
export async function makePlan(io: Io, file: string, options: PlanOptions): Promise<MadePlan | ExitCode> {
  if (options.output !== undefined) removeSavedPlan(io, options.output);
  const wantsLive = options.database !== undefined || options.root !== undefined;
  if (options.from !== undefined) return planBetweenCommits(io, file, options, options.from);
  if (options.to !== undefined) return usage(io, '--to needs --from');
  if (!wantsLive) {
    return usage(
      io,
      'a plan needs something to compare with: --database URL, --root FOLDER, or --from REF',
      'for a first try: mailc plan --database embedded:./mail-database',
    );
  }
  // Without hosts to compare with, nobody would look at their files.
  const isRendered = options.root !== undefined;
  const opened = await compileAndOpen(io, options, () =>
    compileSource(io, file, { isStrict: options.strict === true, isRendered }),
  );
  if (opened === null) return exitCodes.invalid;
  try {
    return await planAgainst(io, file, options, opened.compiled, opened.targets);
  } finally {
    await opened.close();
  }
}

/** With targets that are open already, for apply, which goes on using them. */
export async function planAgainst(
  io: Io,
  file: string,
  options: PlanOptions,
  compiled: CompiledSource,
  targets: Targets,
): Promise<LivePlan> {
  // git and the database each take their time to answer, and neither waits for the other.
  const [{ commit, dirty }, live] = await Promise.all([
    compiled.at ?? sourceCommit(io, file, compiled.files),
    readLive(targets, compiled),
  ]);
  const hosts = new Set(targets.hosts.map((host) => host.name));
  const running = new Set(targets.hosts.filter((host) => host.runtime !== null).map((host) => host.name));
  const desired = desiredState(compiled, { hosts, running });
  const { guards, mail } = compiled.system;
  const keys = await keyFacts(compiled, targets, { desired, live: live.state }, options.resolver);
  const plan = diff(desired, live.state, {
    commit,
    dirty,
    deleteShare: guards.deleteShare,
    mail: { live: mail, desired: mail },
    keys: keys.facts,
  });
  const databaseIsStopped = targets.database !== null && live.database === null;
  const notes = notesOf(targets, databaseIsStopped, plan, compiled);
  const elsewhere = await findElsewhere(targets, compiled);
  return { plan, compiled, desired, databaseIsStopped, notes, stages: keys.stages, elsewhere };
}

async function planBetweenCommits(
  io: Io,
  file: string,
  options: PlanOptions,
  from: string,
): Promise<MadePlan | ExitCode> {
  const before = await compileCommit(io, file, from);
  if (before === null) return exitCodes.invalid;
  const after =
    options.to === undefined
      ? await compileSource(io, file, { isStrict: options.strict === true })
      : await compileCommit(io, file, options.to);
  if (after === null) return exitCodes.invalid;
  if (after === 'absent') return usage(io, `there is no ${file} in ${options.to}`);
  const { commit, dirty } =
    'commit' in after ? { commit: after.commit, dirty: false } : await sourceCommit(io, file, after.files);
  const desired = desiredState(after);
  // The pull request that adds the first mail.yaml is a plan from nothing.
  const live = before === 'absent' ? state([], desired.kinds) : desiredState(before);
  const plan = diff(desired, live, {
    commit,
    dirty,
    deleteShare: after.system.guards.deleteShare,
    mail: { live: before === 'absent' ? after.system.mail : before.system.mail, desired: after.system.mail },
  });
  return { plan, compiled: after, desired, notes: [], stages: [], elsewhere: null };
}

function notesOf(
  targets: Targets,
  databaseIsStopped: boolean,
  plan: Plan,
  { containers }: Compiled,
): readonly string[] {
  const isLive = targets.hosts.some(({ runtime }) => runtime !== null);
  const notes: string[] = [];
  if (targets.database === null) {
    const elsewhere = containers.find(({ service }) => service === 'postgres')?.host;
    notes.push(
      isLive && elsewhere !== undefined
        ? `Not compared: the rows, which are for ${elsewhere} to apply.`
        : 'Not compared: the database, as there is no --database.',
    );
  }
  if (databaseIsStopped) {
    notes.push('Not compared: the rows, as the database is stopped; apply starts it and then plans them.');
  }
  if (targets.hosts.length === 0) notes.push('Not compared: the files on hosts, as there is no --root.');
  else if (plan.changes.length > 0 && !isLive) {
    notes.push('Not compared: what runs, as --root is not the root folder of this machine.');
  }
  return notes;
}

function usage(io: Io, message: string, hint?: string): ExitCode {
  io.stderr(`error: ${message}\n`);
  if (hint !== undefined) io.stderr(`hint: ${hint}\n`);
  return exitCodes.usage;
}
