/** What brings a host's containers up and keeps them up: Docker's restart policies, or systemd. */
import type { ContainerName, LiveContainer } from '../../apply/runtime.ts';

/** Each waits until the service is healthy, or gone, and throws a DiagnosticError when it does not get there. */
export interface Supervisor {
  readonly start: (container: ContainerName) => Promise<void>;
  readonly restart: (container: ContainerName) => Promise<void>;
  readonly stop: (container: Pick<LiveContainer, 'name' | 'service'>) => Promise<void>;
}
