/** What an apply of a test is asked with, beside what it is about: nobody interrupts it, and nobody watches. */
import type { ApplyRequest } from '../../src/apply/apply.ts';
import type { Plan } from '../../src/model/plan.ts';
import { aRecord } from '../database/synchronised.ts';

export function anApply(plan: Plan): Omit<ApplyRequest, 'compiled' | 'desired' | 'targets'> {
  return {
    plan,
    holder: { pid: process.pid, since: aRecord.at, who: aRecord.who },
    record: { ...aRecord, planId: plan.planId },
    source: [],
    author: null,
    interrupted: new AbortController().signal,
    probes: true,
    onStep: () => {},
    clock: () => 0,
  };
}
