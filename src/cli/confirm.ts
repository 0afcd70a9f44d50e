/** The question before an apply. Without a terminal there is nobody to answer: that ends at once. */
import { createInterface } from 'node:readline/promises';
import type { Plan } from '../model/plan.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';

/** True to go on; else what to exit with. Where something is deleted, the answer is the number of deletes. */
export async function confirm(
  io: Io,
  options: { readonly yes?: true },
  plan: Plan,
): Promise<true | ExitCode> {
  if (options.yes) return true;
  if (!io.stdinIsTerminal) {
    io.stderr('error: nobody is here to ask: apply without a terminal needs --yes\n');
    return exitCodes.usage;
  }
  const deletes = plan.changes.filter((change) => change.action === 'delete').length;
  const wanted = deletes > 0 ? String(deletes) : 'yes';
  const question = deletes > 0 ? `Type ${wanted}, the number of deletes, to apply: ` : 'Type yes to apply: ';
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(question, { signal: io.interrupted() });
    if (answer.trim() === wanted) return true;
    io.stderr('not applied\n');
    return exitCodes.usage;
  } catch {
    io.stderr('\ninterrupted: nothing was changed\n');
    return exitCodes.interrupted;
  } finally {
    terminal.close();
  }
}
