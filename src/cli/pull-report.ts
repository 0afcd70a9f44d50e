/** What a pull has to say is said once: while it still holds, one line says that it does. */
import { createHash } from 'node:crypto';
import type { Plan } from '../model/plan.ts';
import { shellCommand } from '../render/escape/shell.ts';
import { defaultAgentConfig } from '../targets/agent/agent-config.ts';
import type { AgentState, Waiting } from '../targets/agent/agent-state.ts';
import type { Io } from './io.ts';
import type { PullOptions } from './pull.ts';

/** Collects what is printed, in order, until it is known whether it is news. */
export interface Captured {
  readonly io: Io;
  readonly text: () => string;
  /** Prints it all, each part on its own stream. */
  readonly print: () => void;
}

export function capturing(io: Io): Captured {
  const parts: { readonly stream: 'stdout' | 'stderr'; readonly text: string }[] = [];
  return {
    io: {
      ...io,
      stdout: (text) => void parts.push({ stream: 'stdout', text }),
      stderr: (text) => void parts.push({ stream: 'stderr', text }),
    },
    text: () => parts.map(({ text }) => text).join(''),
    print: () => {
      for (const { stream, text } of parts) io[stream](text);
    },
  };
}

export type Report = Omit<Waiting, 'since' | 'report'>;

/** What to remember of a report: since when it is the same. An apply that failed says more than its report. */
export function waitingOf(report: Report, text: string, before: AgentState, now: string): Waiting {
  const said = report.for === 'apply' ? `${report.planId}` : text;
  const hash = createHash('sha256').update(said).digest('hex');
  const isSame = before.waiting?.report === hash && before.waiting.for === report.for;
  return { ...report, since: isSame ? before.waiting.since : now, report: hash };
}

/** One line for the journal. */
export function stillWaiting({ since, reason, command }: Waiting): string {
  const cure = command === null ? '' : `; to go on: ${command}`;
  return `Still waiting since ${since}: ${reason}${cure}\n`;
}

/** To be typed on the host. */
export function pullCommandLine(config: string, words: readonly string[]): string {
  const where = config === defaultAgentConfig ? [] : ['--config', config];
  return shellCommand(['mailc', 'pull', ...where, ...words]);
}

/** What was allowed for a commit must be allowed again by the command that follows. */
export function rewindOf(options: PullOptions, commit: string | null): readonly string[] {
  return options.allowRewind === commit && commit !== null ? ['--allow-rewind', commit] : [];
}

/** After an apply that failed: the same plan every few minutes would be an outage every few minutes. */
export function failedReport(
  { planId, commit }: Plan,
  options: PullOptions,
): { readonly report: Report; readonly text: string } {
  const id = planId.slice(0, 12);
  const allow = options.allow.flatMap((hazard) => ['--allow', hazard]);
  const words = ['--plan', id, ...allow, ...rewindOf(options, commit)];
  const command = pullCommandLine(options.config, words);
  const reason = `applying plan ${id} failed, and it is not tried again by itself`;
  return {
    report: { for: 'apply', commit, planId, reason, command },
    text: `Waiting: ${reason}. Once the cause is gone, run on this host:\n  ${command}\n`,
  };
}
