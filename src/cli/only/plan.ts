/** The program of `mailc plan` alone: the less a script holds, the sooner it starts. */
import { planCommand } from '../plan.ts';
import { runProgram } from '../program.ts';

/** For whoever loads the bundle. */
export const finished = runProgram([planCommand]);
