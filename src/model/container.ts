/** What a service renderer asks of the runtime: one container, in no runtime's words. */
import type { ServiceName } from './mail-system.ts';
import type { Position } from './position.ts';

export interface Container {
  /** Unique in the mail network; Docker's DNS resolves it. */
  readonly name: string;
  readonly host: string;
  readonly service: ServiceName;
  readonly image: string;
  /** FQDN. */
  readonly hostname: string;
  readonly command: readonly string[];
  /** Sorted by name. Never a secret: those come as mounted files. */
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly mounts: readonly Mount[];
  readonly ports: readonly PublishedPort[];
  /** Linux capabilities to keep, sorted; all others are dropped. */
  readonly capabilities: readonly string[];
  /** Paths inside that get a fresh tmpfs. */
  readonly tmpfs: readonly string[];
  /** Root file system read-only. */
  readonly readOnly: boolean;
  /**
   * Whether process 1 is one that only passes signals on. The kernel gives process 1 none that it has not asked for: a
   * daemon that still starts would not hear that it is to stop. Needs the capability KILL.
   */
  readonly init: boolean;
  readonly healthcheck: Healthcheck;
  /** Services that should be healthy first; they may be absent for a while and the container must cope. */
  readonly after: readonly ServiceName[];
  /** Run inside to reread the configuration; null when only a restart does. */
  readonly reload: readonly string[] | null;
  /**
   * Run inside, before anything is started: accepts or refuses the configuration at /etc/mailc/current by its exit
   * code, and says why; null where there is nothing to check. It needs neither the network nor a volume's contents.
   */
  readonly check: readonly string[] | null;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly stopTimeout: number;
  readonly source: Position;
}

export interface Mount {
  /** Absolute path on the host. */
  readonly from: string;
  /** Absolute path inside. */
  readonly to: string;
  readonly readOnly: boolean;
}

export interface PublishedPort {
  readonly host: number;
  readonly container: number;
}

/** Times in seconds. */
export interface Healthcheck {
  readonly command: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly startPeriod: number;
  readonly retries: number;
}
