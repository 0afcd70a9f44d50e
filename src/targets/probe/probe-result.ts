/** What a probe has found, and what is reported of those that failed. */
import { type Diagnostic, error } from '../../diagnostics/diagnostic.ts';
import { quote } from '../../diagnostics/quote.ts';
import type { Host, PortName } from '../../model/mail-system.ts';

/** A published port, or `canary`: the message from submission to IMAP. */
export type ProbeName = PortName | 'canary';

/** `unproved` where there was nothing to ask, or nobody behind the listener to prove it. */
export type ProbeOutcome = 'proved' | 'unproved' | 'failed';

export interface ProbeResult {
  readonly listener: ProbeName;
  readonly outcome: ProbeOutcome;
  /** Milliseconds. */
  readonly took: number;
  /** What was proved, or what is wrong, or why nothing could be asked: one line, printable whatever the server said. */
  readonly message: string;
}

/** What a probe throws: the server answers, but not as it must, or it does not answer. */
export class ProbeFailure extends Error {}

/** What a probe throws that has nothing to ask, with the reason. */
export class NothingToProve extends Error {}

/** A listener that says for now that it cannot say, or says nothing: what it asks itself may be away. */
export class Unanswered extends ProbeFailure {}

/** One error for each probe that failed, in the order of `results`. */
export function probeFailures(host: Host, results: readonly ProbeResult[]): readonly Diagnostic[] {
  return results
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ listener, message }) =>
      error('probe-failed', host.source, `${listener} of host ${quote(host.name)}: ${message}`),
    );
}
