/** What apply acts on, as interfaces: src/targets has the real ones. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Artifact } from '../model/artifact.ts';
import type { MailSystem } from '../model/mail-system.ts';
import type { DatabaseRows } from '../model/rows.ts';

export interface Targets {
  readonly database: DatabaseTarget | null;
  /** Sorted by name. */
  readonly hosts: readonly HostTarget[];
}

/** Who applies what, and when: passed in, since apply knows no clock. */
export interface ApplyRecord {
  readonly mailc: string;
  /** 40 hex digits, or null when the source is not in git. */
  readonly commit: string | null;
  readonly dirty: boolean;
  readonly planId: string;
  readonly who: string;
  /** ISO 8601. */
  readonly at: string;
  readonly summary: { readonly create: number; readonly update: number; readonly delete: number };
}

/** Of a lock that someone else has. */
export interface Holder {
  readonly pid: number;
  /** ISO 8601. */
  readonly since: string;
  readonly who: string;
}

export interface Lock {
  readonly release: () => Promise<void>;
}

/** `heldBy` is null when the holder has not said yet who it is. */
export type LockAttempt = { readonly lock: Lock } | { readonly heldBy: Holder | null };

export interface LiveDatabase {
  readonly rows: DatabaseRows;
  /** Number of the last migration; 0 for an empty or a docker-post database. */
  readonly schemaVersion: number;
}

export interface DatabaseTarget {
  /** For messages; never with a password in it. */
  readonly name: string;
  readonly lock: (holder: Holder) => Promise<LockAttempt>;
  readonly read: () => Promise<LiveDatabase>;
  /**
   * Brings the rows from `before` to what `system` asks for, in one transaction, and records it there. Throws
   * a DiagnosticError, with nothing changed, when the rows are not `before` any more or something fails.
   */
  readonly sync: (request: SyncRequest) => Promise<void>;
  /** Puts earlier rows back, after something behind the commit has failed. */
  readonly restore: (system: MailSystem, rows: DatabaseRows) => Promise<void>;
}

export interface SyncRequest {
  readonly system: MailSystem;
  readonly before: LiveDatabase;
  /** Null when no host's secrets are at hand: the role is then left without a password. */
  readonly mailPassword: string | null;
  readonly record: ApplyRecord;
  readonly interrupted: AbortSignal;
}

/** A file as it lies on a host. */
export interface LiveFile {
  /** As an artifact's path: `HOST/UNIT/…`. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  /**
   * Null when the file holds, or held, a secret, and was changed by hand or installed with another value of
   * it: then it must not be shown.
   */
  readonly text: string | null;
  /** Of the bytes on disk; hex. */
  readonly sha256: string;
}

export interface HostTarget {
  readonly name: string;
  readonly lock: (holder: Holder) => Promise<LockAttempt>;
  readonly readFiles: () => readonly LiveFile[];
  /** What the last apply published, by port name; null before the first. */
  readonly readPorts: () => Readonly<Record<string, number | null>> | null;
  /** Diagnostics for each chosen secret that the artifacts need and that cannot be read. */
  readonly missingSecrets: (artifacts: readonly Artifact[]) => readonly Diagnostic[];
  /** Those that are there, by name. */
  readonly readSecrets: () => ReadonlyMap<string, string>;
  /** Makes what is to be generated and neither there nor in `shared`; gives all values by name. */
  readonly keepSecrets: (shared: ReadonlyMap<string, string>) => ReadonlyMap<string, string>;
  /**
   * Writes a generation of each unit beside the running one; a unit without artifacts is to go away. `commit` is
   * noted in each: 40 hex digits, or null when the source is not in git.
   */
  readonly stage: (
    units: ReadonlyMap<string, readonly Artifact[]>,
    secrets: ReadonlyMap<string, string>,
    commit: string | null,
  ) => StagedHost;
  readonly record: (
    staged: StagedHost,
    entry: ApplyRecord,
    ports: Readonly<Record<string, number | null>>,
  ) => void;
}

export interface StagedHost {
  readonly generation: number;
  readonly switchUnits: () => void;
  /** Back to the generation before, whether or not the switch was begun or finished. */
  readonly undo: () => void;
}
