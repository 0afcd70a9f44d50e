/** What runs the containers of a live host, as apply sees it: src/targets/runtime has the real one. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Container } from '../model/container.ts';
import type { Host } from '../model/mail-system.ts';

export interface Runtime {
  /** Every container of this host that mailc has made, running or not; sorted by name. */
  readonly readContainers: () => Promise<readonly LiveContainer[]>;
  /** What systemd says of the host's units; empty where Docker is the supervisor. Sorted by name. */
  readonly readUnits: () => Promise<readonly LiveUnit[]>;
  /**
   * Holds a staged configuration against the service's own checker, in the container's image, with nothing running
   * touched. `folder` is the generation's; empty means that the service will accept it.
   */
  readonly check: (container: Container, folder: string) => Promise<readonly Diagnostic[]>;
  /** What would keep any container of this host from starting now; empty where nothing is known to. */
  readonly startable: () => Promise<readonly Diagnostic[]>;
  /**
   * Does it, and waits until the service is healthy (or, after `stop`, gone). Throws a DiagnosticError when the
   * service does not come up in its time. Doing what is done already changes nothing.
   */
  readonly act: (action: RuntimeAction) => Promise<void>;
}

export interface LiveContainer {
  readonly name: string;
  /** The label `mailc.service`. */
  readonly service: string;
  /** The label `mailc.definition`: hex; null for a container that is there without one. */
  readonly definition: string | null;
  readonly running: boolean;
  /** Who brings it up again: Docker by its restart policy, or else a unit. */
  readonly supervisor: Host['supervisor'];
}

export interface LiveUnit {
  /** With its suffix: `mail-postfix.service`. */
  readonly name: string;
  /** Started by itself when the machine starts. */
  readonly enabled: boolean;
  readonly active: boolean;
  /** Of the installed unit file; null where there is none. */
  readonly text: string | null;
}

/** All that an action needs to know of a container: how it is run stands in its script on the host. */
export type ContainerName = Pick<Container, 'name' | 'service' | 'reload'>;

/**
 * - `network`: makes the network of the host, or replaces one that differs, for which its containers stop.
 * - `start`: a container that is not there or stopped, as its script describes it.
 * - `restart`: in place of the one that runs, as its script describes it now.
 * - `reload`: the container's own command for it.
 * - `stop`: for good; the container is removed, what it keeps in its volumes stays.
 * - `units`: the units of the running generation are installed, systemd reads them, `mail.target` starts with the
 *   machine, and what is gone is stopped and forgotten; nothing is started yet.
 * - `target`: `mail.target` and the timers are started, and so whatever of them is not up yet.
 */
export type RuntimeAction =
  | { readonly kind: 'network' }
  | { readonly kind: 'start' | 'restart' | 'reload' | 'stop'; readonly container: ContainerName }
  | { readonly kind: 'units' | 'target' };
