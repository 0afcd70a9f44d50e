/** The program of `mailc validate` alone: the less a script holds, the sooner it starts. */

import { runProgram } from '../program.ts';
import { validateCommand } from '../validate.ts';

/** For whoever loads the bundle. */
export const finished = runProgram([validateCommand]);
