/** How an apply is told: as text for a person, or one JSON object a line for a program. */
import { version } from '../../package.json';
import type { ApplyResult, Step } from '../apply/apply.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { asciiJson } from '../diagnostics/format/ascii-json.ts';
import type { Elsewhere } from '../diff/elsewhere.ts';
import { allowingCommand } from '../diff/format/refusal.ts';
import { planText, summaryLine } from '../diff/format/text.ts';
import { planDocument } from '../diff/plan-document.ts';
import type { HazardId, Plan } from '../model/plan.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import { printDiagnostics } from './print-diagnostics.ts';

export interface ApplyReport {
  readonly plan: (plan: Plan, allowed: ReadonlySet<HazardId>, elsewhere?: Elsewhere | null) => void;
  readonly step: (step: Step, subject: string | null) => void;
  /** What the plan does not cover, or what waits for somebody: one sentence. */
  readonly note: (message: string) => void;
  /** The plan had no changes. */
  readonly nothing: () => void;
  readonly refused: (hazards: readonly HazardId[]) => void;
  readonly stale: () => void;
  readonly result: (plan: Plan, result: ApplyResult) => void;
}

export function applyReport(
  io: Io,
  options: { readonly format: 'text' | 'json'; readonly full?: true },
): ApplyReport {
  return options.format === 'json' ? jsonReport(io) : textReport(io, options.full === true);
}

export function exitCodeOf(result: ApplyResult): ExitCode {
  return result.outcome === 'overtaken' ? exitCodes.done : exitCodes[result.outcome];
}

const stepWords: Readonly<Record<Step, string>> = {
  lock: 'lock',
  compare: 'compare with what is live',
  stage: 'stage the files of',
  check: 'check the configuration of',
  commit: 'commit the rows of',
  switch: 'switch the files of',
  network: 'make the network of',
  units: 'install the units of',
  target: 'start the target of',
  start: 'start',
  restart: 'restart',
  reload: 'reload',
  stop: 'stop',
  probe: 'try the listeners of',
  record: 'record on',
  undo: 'return to the generation before',
};

const quietSteps: ReadonlySet<Step> = new Set(['start', 'restart', 'reload', 'stop', 'undo']);

function textReport(io: Io, full: boolean): ApplyReport {
  return {
    plan: (plan, allowed) => io.stdout(planText(plan, { paint: io.paint('stdout'), full, allowed })),
    step: (step, subject) => {
      // What happens to services belongs in a log as well; the rest only reassures whoever waits.
      if (!io.stderrIsTerminal && !quietSteps.has(step)) return;
      const line = `… ${stepWords[step]}${subject === null ? '' : ` ${subject}`}`;
      io.stderr(`${io.paint('stderr')('dim', line)}\n`);
    },
    note: (message) => io.stderr(`${message}\n`),
    nothing: () => {},
    refused: (hazards) =>
      io.stderr(`error: refused, and nothing was changed: allow with ${allowingCommand(hazards)}\n`),
    stale: () => {
      io.stderr(
        'error: the plan is stale: what is live, mail.yaml or its commit changed since it was made\n',
      );
      io.stderr('hint: make and review a new one with mailc plan -o plan.json\n');
    },
    result: (plan, result) => textResult(io, plan, result),
  };
}

function textResult(io: Io, plan: Plan, result: ApplyResult): void {
  switch (result.outcome) {
    case 'done':
      io.stdout(`Applied: ${summaryLine(plan)}\n`);
      return;
    case 'overtaken':
      io.stdout('Nothing left to do: somebody else has just applied the same.\n');
      return;
    case 'interrupted':
      io.stderr(interruptionText(result));
      return;
    case 'locked': {
      const { holder, what } = result;
      const by =
        holder === null ? 'another apply' : `${holder.who} (process ${holder.pid}) since ${holder.since}`;
      io.stderr(`error: ${what} is locked by ${by}: try again when that apply has ended\n`);
      return;
    }
    case 'stale':
      return;
    case 'failed':
      printDiagnostics(io, result.diagnostics, []);
      io.stderr(
        result.undone
          ? 'apply failed; everything is as it was before\n'
          : 'apply failed, and not all of it could be undone: mailc plan shows what is left; apply again to converge\n',
      );
      return;
  }
}

function interruptionText({
  applied,
  left,
}: Extract<ApplyResult, { readonly outcome: 'interrupted' }>): string {
  if (!applied) return 'interrupted: nothing was changed\n';
  if (left.length === 0) return 'interrupted: all is applied, but not every listener was tried\n';
  const steps = left.map((step) => `  ${step}\n`).join('');
  return `interrupted: a part is applied; not done yet:\n${steps}hint: mailc apply does the rest\n`;
}

function jsonReport(io: Io): ApplyReport {
  const line = (event: Readonly<Record<string, unknown>>): void => io.stdout(asciiJson(event, 'line'));
  return {
    plan: (plan, _allowed, elsewhere) =>
      line({ event: 'plan', plan: planDocument(plan, version, elsewhere) }),
    step: (step, subject) => line({ event: 'step', step, subject }),
    note: (message) => line({ event: 'note', message }),
    nothing: () => line({ event: 'result', outcome: 'done', exitCode: exitCodes.done }),
    refused: (hazards) => line({ event: 'result', outcome: 'refused', exitCode: exitCodes.hazard, hazards }),
    stale: () => line({ event: 'result', outcome: 'stale', exitCode: exitCodes.stale }),
    result: (_plan, result) => {
      if (result.outcome === 'stale') return;
      line({ event: 'result', exitCode: exitCodeOf(result), ...withPlainDiagnostics(result) });
    },
  };
}

function withPlainDiagnostics(result: ApplyResult): Readonly<Record<string, unknown>> {
  if (result.outcome !== 'failed') return { ...result };
  const plain = ({ code, severity, message, hint }: Diagnostic) => ({ code, severity, message, hint });
  return { ...result, diagnostics: result.diagnostics.map(plain) };
}
