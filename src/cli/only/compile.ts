/** The program of `mailc compile` alone: the less a script holds, the sooner it starts. */
import { compileCommand } from '../compile.ts';
import { runProgram } from '../program.ts';

/** For whoever loads the bundle. */
export const finished = runProgram([compileCommand]);
