/** What apply acts on, as interfaces: src/targets has the real ones, a test may have its own. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Artifact } from '../model/artifact.ts';
import type { DatabaseRows } from '../model/rows.ts';

export interface Targets {
  readonly database: DatabaseTarget | null;
  /** Sorted by name. */
  readonly hosts: readonly HostTarget[];
}

/** Who applies what, and when: passed in, since apply knows no clock. */
export interface ApplyRecord {
  readonly mailc: string;
  readonly commit: string | null;
  readonly planId: string;
  readonly who: string;
  /** ISO 8601. */
  readonly at: string;
  readonly summary: { readonly create: number; readonly update: number; readonly delete: number };
}

export interface Holder {
  readonly pid: number;
  readonly since: string;
  readonly who: string;
}

export interface Lock {
  readonly release: () => Promise<void>;
}

export interface DatabaseTarget {
  readonly readRows: () => Promise<DatabaseRows>;
}

export interface HostTarget {
  readonly name: string;
  readonly lock: (holder: Holder) => Promise<{ readonly lock: Lock } | { readonly heldBy: Holder | null }>;
  readonly readFiles: () => readonly LiveFileLike[];
  /** Diagnostics for each chosen secret that the artifacts need and that cannot be read. */
  readonly missingSecrets: (artifacts: readonly Artifact[]) => readonly Diagnostic[];
  /** Null when it is not there yet. */
  readonly secret: (name: string) => string | null;
  /** Makes what is to be generated and not there yet; gives all values. */
  readonly makeSecrets: () => ReadonlyMap<string, string>;
  /** Writes a generation of each unit beside the running one; a unit without artifacts is to go away. */
  readonly stage: (
    units: ReadonlyMap<string, readonly Artifact[]>,
    secrets: ReadonlyMap<string, string>,
  ) => StagedHost;
  readonly record: (generation: number, entry: ApplyRecord) => void;
}

export interface LiveFileLike {
  readonly path: string;
  readonly mode: number;
  readonly text: string | null;
  readonly sha256: string;
}

export interface StagedHost {
  readonly generation: number;
  readonly switchUnits: () => void;
  /** Back to the generation before, whether or not the switch was begun or finished. */
  readonly undo: () => void;
}
