/** What one apply has in hand: a part for each host, and how far the whole has come. */
import type { RuntimeAction } from './runtime.ts';
import type { HostActions } from './service-actions.ts';
import type { HostTarget, StagedHost } from './targets.ts';

/** One host's part of the apply. */
export interface Part {
  readonly host: HostTarget;
  readonly staged: StagedHost;
  readonly actions: HostActions;
  /** The actions that have begun, in order. */
  readonly begun: RuntimeAction[];
  /** Those of them that have come to their end. */
  readonly done: RuntimeAction[];
}

/** How far it came, and so what a failure has to take back. */
export interface Progress {
  committed: boolean;
  switched: boolean;
}
