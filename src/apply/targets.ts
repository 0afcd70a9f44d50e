/** What apply acts on, as interfaces: src/targets has the real ones. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Artifact } from '../model/artifact.ts';
import type { MailSystem } from '../model/mail-system.ts';
import type { Drift, Resource } from '../model/plan.ts';
import type { DatabaseRows } from '../model/rows.ts';
import type { SourceFile } from '../model/source-document.ts';
import type { ContainerName, Runtime } from './runtime.ts';

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
  /** By address: what others than mailc have changed since the last apply. */
  readonly drift: ReadonlyMap<string, Drift>;
}

export interface DatabaseTarget {
  /** For messages; never with a password in it. */
  readonly name: string;
  /** The container that it runs in, where that is one which apply starts and stops; else null. */
  readonly container: ContainerName | null;
  /**
   * `absent`: there is no database yet, so it has no rows. `stopped`: there is one, and nobody answers for it.
   * One outside the containers of mail.yaml is always `running`.
   */
  readonly presence: () => Promise<'absent' | 'stopped' | 'running'>;
  readonly lock: (holder: Holder) => Promise<LockAttempt>;
  readonly read: () => Promise<LiveDatabase>;
  /**
   * Brings the rows from `before` to what `system` asks for, in one transaction, and records it there. Throws
   * a DiagnosticError, with nothing changed, when the rows are not `before` any more or something fails.
   */
  readonly sync: (request: SyncRequest) => Promise<void>;
  /** Puts earlier rows, and the passwords of before, back, after something behind the commit has failed. */
  readonly restore: (system: MailSystem, rows: DatabaseRows, passwords?: RolePasswords) => Promise<void>;
}

/** Null leaves a password as it is. */
export interface RolePasswords {
  /** Null too when no host's secrets are at hand: a new role is then left without one. */
  readonly mailPassword: string | null;
  /** Of the superuser `postgres`, whose first one its container has set. */
  readonly superuserPassword?: string | null;
}

export interface SyncRequest extends RolePasswords {
  readonly system: MailSystem;
  readonly before: LiveDatabase;
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
  /** Null when it lies there as the last apply left it. */
  readonly outside: OutsideFileChange | null;
}

/** What somebody made of a file, outside mailc. */
export interface OutsideFileChange {
  /** The file's owner, who need not be the one; null of a file that is gone. */
  readonly by: string | null;
  /** ISO 8601: when the file, or the folder that it is gone from, was changed last. */
  readonly at: string | null;
  /** What the last apply left; null where it left nothing. */
  readonly applied: AppliedFile | null;
}

export interface AppliedFile {
  /** Permission bits. */
  readonly mode: number;
  /** As compiled; null in a generation of an earlier version, which did not keep it. */
  readonly text: string | null;
  /** Of the bytes that were written; hex. */
  readonly sha256: string;
}

/** A file that the last apply left and that is not there any more. */
export interface GoneFile {
  /** As an artifact's path: `HOST/UNIT/…`. */
  readonly path: string;
  readonly outside: OutsideFileChange;
}

/** What a host knows of an apply, in DATA/mailc/history. */
export interface HostRecord extends ApplyRecord {
  /** Above every earlier one of the host. */
  readonly generation: number;
  readonly result: 'done' | 'undone' | 'interrupted';
  readonly seconds: number;
  /** Of the commit, as git names it; null without one. */
  readonly author: string | null;
  /** What was published, by port name. */
  readonly ports: Readonly<Record<string, number | null>>;
  /** By name, the containers of the host as they were asked for. */
  readonly containers: Readonly<Record<string, RecordedContainer>>;
}

export interface RecordedContainer {
  /** What the label `mailc.definition` of a container made from it says. */
  readonly definition: string;
  /** As a plan compares them. */
  readonly attributes: Resource['attributes'];
}

/**
 * What an apply that has begun to change what runs still has to do. It is written before the first switch and goes
 * away with the record, so one that is found tells of an apply that was cut off.
 */
export interface Journal {
  readonly generation: number;
  readonly planId: string;
  readonly who: string;
  /** ISO 8601. */
  readonly at: string;
  /** By container name. */
  readonly pending: Readonly<Record<string, PendingAction>>;
}

export type PendingAction = 'reload' | 'restart' | 'start' | 'stop';

export interface HostTarget {
  readonly name: string;
  /** Null for a folder that only holds a host's files. */
  readonly runtime: Runtime | null;
  /** Tries every published listener as a client would; empty when all is well. Null without a runtime. */
  readonly probe: ((interrupted: AbortSignal) => Promise<readonly Diagnostic[]>) | null;
  readonly lock: (holder: Holder) => Promise<LockAttempt>;
  readonly readFiles: () => readonly LiveFile[];
  readonly readGoneFiles: () => readonly GoneFile[];
  /** Of the last apply that came to its end; null before the first. */
  readonly readRecord: () => HostRecord | null;
  /** Every record that is kept, the newest first. */
  readonly readHistory: () => readonly HostRecord[];
  /** mail.yaml and its includes as that generation was made from them; null where they are not kept. */
  readonly readSource: (generation: number) => readonly SourceFile[] | null;
  readonly readJournal: () => Journal | null;
  /** Durable before it returns; null takes it away. */
  readonly writeJournal: (journal: Journal | null) => void;
  /** Diagnostics for each chosen secret that the artifacts need and that cannot be read. */
  readonly missingSecrets: (artifacts: readonly Artifact[]) => readonly Diagnostic[];
  /** Those that are there, by name. */
  readonly readSecrets: () => ReadonlyMap<string, string>;
  /** Generated secrets that get another value with the next {@link keepSecrets}; files that hold them are out of date. */
  readonly rotating: () => ReadonlySet<string>;
  /** Generated secrets that installed files were made with, and that are gone. */
  readonly lostSecrets: () => readonly string[];
  /** Durably, in place of what is there. */
  readonly writeSecrets: (values: ReadonlyMap<string, string>) => void;
  /** Puts the values of before {@link keepSecrets} back, where it has replaced any. */
  readonly restoreSecrets: () => void;
  /** Makes what is to be generated and neither there nor in `shared`; gives all values by name. */
  readonly keepSecrets: (shared: ReadonlyMap<string, string>) => ReadonlyMap<string, string>;
  /**
   * Writes a generation of each unit beside the running one; a unit without artifacts is to go away. Without units
   * there is still a generation, of the rows alone. `commit` is noted in each: 40 hex digits, or null when the source
   * is not in git.
   */
  readonly stage: (
    units: ReadonlyMap<string, readonly Artifact[]>,
    secrets: ReadonlyMap<string, string>,
    commit: string | null,
  ) => StagedHost;
  /** Keeps the record, and the source that it came from; generations that are too old go. */
  readonly record: (record: HostRecord, source: readonly SourceFile[]) => void;
}

export interface StagedHost {
  readonly generation: number;
  /** Where each unit that has artifacts was written. */
  readonly folders: ReadonlyMap<string, string>;
  readonly switchUnits: () => void;
  /** Back to the generation before, whether or not the switch was begun or finished. Every unit is tried; then throws. */
  readonly undo: () => void;
}
