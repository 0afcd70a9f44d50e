/** Saves a plan so that a file of that name is always a whole plan, and never an earlier one. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { version } from '../../package.json';
import { error } from '../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../diagnostics/diagnostic-error.ts';
import type { Elsewhere } from '../diff/elsewhere.ts';
import { planJson } from '../diff/format/json.ts';
import type { Plan } from '../model/plan.ts';
import type { Io } from './io.ts';

export function savePlan(io: Io, output: string, plan: Plan, elsewhere: Elsewhere | null = null): void {
  const path = resolve(io.workingFolder, output);
  const temporary = `${path}.new`;
  try {
    writeFileSync(temporary, planJson(plan, version, elsewhere), { mode: 0o644 });
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DiagnosticError(error('output-not-writable', null, `the plan cannot be saved: ${reason}`));
  }
}

/** Before a plan is made: if making it fails, the next step must not find yesterday's. */
export function removeSavedPlan(io: Io, output: string): void {
  rmSync(resolve(io.workingFolder, output), { force: true });
}
