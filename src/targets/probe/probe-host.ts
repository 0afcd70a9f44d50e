/** Asks every published listener of a host, as its clients would, whether it serves them as mail.yaml says. */
import type { Host, MailSystem } from '../../model/mail-system.ts';
import { awayHost } from './away-host.ts';
import { probeCanary } from './canary.ts';
import { probeImap } from './imap.ts';
import type { Listener } from './listener.ts';
import { listenersOf } from './listener.ts';
import { probePop3 } from './pop3.ts';
import {
  NothingToProve,
  ProbeFailure,
  type ProbeName,
  type ProbeOutcome,
  type ProbeResult,
  Unanswered,
} from './probe-result.ts';
import { probeSieve } from './sieve.ts';
import { probeSmtp } from './smtp.ts';
import { probeSubmission } from './submission.ts';

export interface ProbeRequest {
  readonly system: MailSystem;
  /** Whose containers run and are said to be healthy. */
  readonly host: Host;
  /** Values by name; the canary's password among them. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Where the published ports of a host are reached: 127.0.0.1 for the own host, else its first address. */
  readonly address?: (host: Host) => string;
  readonly interrupted: AbortSignal;
  /** Told when a probe begins. */
  readonly onProbe?: (name: ProbeName) => void;
  /** Milliseconds in which a probe that fails is tried again, since services take a moment after a reload; 20 s. */
  readonly patience?: number;
}

/**
 * All at once, in the order of the ports' names, then the canary. Never throws for what a server does. An
 * interruption ends all of them; those that had not ended then have failed.
 */
export async function probeHost(request: ProbeRequest): Promise<readonly ProbeResult[]> {
  const { host, system, secrets, interrupted, patience = 20_000 } = request;
  const addressOf =
    request.address ??
    ((other: Host) => (other.name === host.name ? '127.0.0.1' : (other.addresses[0] ?? other.name)));
  const attempt = (listener: ProbeName, probe: () => Promise<string>): Promise<ProbeResult> => {
    request.onProbe?.(listener);
    const away = () => awayHost(system, host, addressOf, interrupted);
    return untilItSucceeds(listener, probe, { patience, interrupted, away });
  };
  const listeners = listenersOf(system, host, addressOf);
  return Promise.all([
    ...listeners.map((listener) => attempt(listener.name, () => probeListener(listener, request))),
    attempt('canary', () => probeCanary({ system, host, secrets, addressOf, signal: interrupted })),
  ]);
}

function probeListener(listener: Listener, { system, interrupted }: ProbeRequest): Promise<string> {
  switch (listener.name) {
    case 'smtp':
      return probeSmtp(listener, system, interrupted);
    case 'submission':
    case 'submissions':
      return probeSubmission(listener, interrupted);
    case 'imap':
    case 'imaps':
      return probeImap(listener, interrupted);
    case 'pop3':
    case 'pop3s':
      return probePop3(listener, interrupted);
    case 'sieve':
      return probeSieve(listener, interrupted);
  }
}

async function untilItSucceeds(
  listener: ProbeName,
  probe: () => Promise<string>,
  {
    patience,
    interrupted,
    away,
  }: {
    readonly patience: number;
    readonly interrupted: AbortSignal;
    /** Another host that the listener needs, where it is away. */
    readonly away: () => Promise<Host | null>;
  },
): Promise<ProbeResult> {
  const begin = performance.now();
  const result = (outcome: ProbeOutcome, message: string): ProbeResult => ({
    listener,
    outcome,
    took: Math.round(performance.now() - begin),
    message,
  });
  for (;;) {
    try {
      return result('proved', await probe());
    } catch (cause) {
      if (interrupted.aborted) return result('failed', 'interrupted');
      if (cause instanceof NothingToProve) return result('unproved', cause.message);
      if (!(cause instanceof ProbeFailure)) throw cause;
      const other = cause instanceof Unanswered ? await away() : null;
      if (other !== null) {
        return result('unproved', `not proved, since host ${other.name} is away: ${cause.message}`);
      }
      if (performance.now() - begin + pause > patience) return result('failed', cause.message);
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Milliseconds between two attempts. */
const pause = 1000;
