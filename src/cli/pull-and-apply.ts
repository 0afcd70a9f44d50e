/** What `mailc pull` does: one attempt under a lock, and what the next one needs to know of it. */
import { readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { printable } from '../diagnostics/format/printable.ts';
import { type AgentConfig, readAgentConfig } from '../targets/agent/agent-config.ts';
import { type AgentState, readAgentState, writeAgentState } from '../targets/agent/agent-state.ts';
import { takePullLock } from '../targets/agent/pull-lock.ts';
import { applyPlan } from './apply-plan.ts';
import { type Attempt, attemptPull, type ReadyPull } from './attempt-pull.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { hidingUrlPasswords } from './hide-url-passwords.ts';
import type { Io } from './io.ts';
import { printDiagnostics } from './print-diagnostics.ts';
import type { PullOptions } from './pull.ts';
import { capturing, failedReport, stillWaiting, waitingOf } from './pull-report.ts';
import { savePlan } from './save-plan.ts';

export async function pullAndApply(plainIo: Io, options: PullOptions): Promise<ExitCode> {
  const config = readConfig(plainIo, options.config);
  if (config === null) return exitCodes.usage;
  const io = hidingUrlPasswords(plainIo, [config.database ?? '']);
  const lock = await takePullLock(config.state);
  if (lock === null) {
    io.stderr(`error: another mailc pull is at work in ${printable(config.state)}\n`);
    return exitCodes.locked;
  }
  try {
    const state = readAgentState(config.state);
    printDiagnostics(io, state.diagnostics, []);
    return state.value === null ? exitCodes.usage : await pullLocked(io, config, options, state.value);
  } finally {
    await lock.release();
  }
}

function readConfig(io: Io, name: string): AgentConfig | null {
  const path = resolve(io.workingFolder, name);
  let file: Parameters<typeof readAgentConfig>[0];
  try {
    const isExposed = (statSync(path).mode & 0o077) !== 0;
    file = { path: basename(path), text: readFileSync(path, 'utf8'), isExposed };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    io.stderr(`error: ${printable(reason)}\nhint: mailc init --agent writes ${printable(name)}\n`);
    return null;
  }
  const read = readAgentConfig(file);
  printDiagnostics(io, read.diagnostics, [file], `${path.slice(0, -file.path.length)}`);
  return read.value;
}

async function pullLocked(
  io: Io,
  config: AgentConfig,
  options: PullOptions,
  before: AgentState,
): Promise<ExitCode> {
  const signal = io.interrupted();
  const captured = capturing(io);
  const attempt = await attemptPull({ io: captured.io, config, options, state: before, signal });
  if (signal.aborted) {
    io.stderr('interrupted: nothing was changed\n');
    return exitCodes.interrupted;
  }
  switch (attempt.outcome) {
    case 'nothing':
      if (attempt.isNews) captured.print();
      keep(config, before, { ...attempt.state, waiting: null });
      return exitCodes.done;
    case 'stopped':
      captured.print();
      return attempt.code;
    case 'waits':
      return wait(io, config, options, before, attempt, captured);
    case 'ready':
      return applyReady(io, config, options, attempt, before);
  }
}

function wait(
  io: Io,
  config: AgentConfig,
  options: PullOptions,
  before: AgentState,
  attempt: Extract<Attempt, { outcome: 'waits' }>,
  captured: ReturnType<typeof capturing>,
): ExitCode {
  const now = new Date().toISOString();
  const waiting = waitingOf(attempt.report, captured.text(), before, now);
  // Whoever types the command wants to see it all.
  const isByHand = io.stdoutIsTerminal || options.allow.length > 0 || options.plan !== undefined;
  if (waiting.since === now || isByHand) captured.print();
  else io.stdout(stillWaiting(waiting));
  keep(config, before, { ...attempt.state, waiting });
  return attempt.code;
}

/** Through a saved plan, so that what was judged and what is applied cannot be two things. */
async function applyReady(
  io: Io,
  config: AgentConfig,
  options: PullOptions,
  { plan, host, headline, state }: ReadyPull,
  before: AgentState,
): Promise<ExitCode> {
  keep(config, before, state);
  const file = join(config.state, 'plan.json');
  savePlan(io, file, plan);
  io.stdout(headline);
  const code = await applyPlan({ ...io, workingFolder: join(config.state, 'checkout') }, file, {
    yes: true,
    allow: options.allow,
    root: config.root,
    host,
    source: config.file,
    format: 'text',
    ...(config.database === null ? {} : { database: config.database }),
  });
  rmSync(file, { force: true });
  const now = new Date().toISOString();
  if (code === exitCodes.done) {
    const commit = plan.commit ?? '';
    keep(config, state, { ...state, applied: { commit, at: now }, waiting: null });
  }
  if (code === exitCodes.failed) {
    const { report, text } = failedReport(plan, options);
    io.stdout(text);
    keep(config, state, { ...state, waiting: waitingOf(report, text, state, now) });
  }
  return code;
}

/** Writes only what is new: a pull that found nothing leaves no trace. */
function keep(config: AgentConfig, before: AgentState, after: AgentState): void {
  if (JSON.stringify(before) !== JSON.stringify(after)) writeAgentState(config.state, after);
}
