/**
 * What mailc knows of one staged unit, kept inside its generation folder: how each file looked as an
 * artifact, and how it was installed with its secrets filled in. It makes a folder explain itself, so that
 * no crash can part the files from what is known of them.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const unitManifestName = '.mailc.json';

/** The commit alone, for scripts of this generation to read. */
export const commitFileName = '.commit';

/** What lies in a generation folder and is no artifact. */
export const ownFileNames: ReadonlySet<string> = new Set([unitManifestName, commitFileName]);

export interface UnitManifest {
  readonly formatVersion: 1;
  /** Whose apply has staged it: 40 hex digits; null when its source was not in git, absent in old ones. */
  readonly commit?: string | null;
  /** By path below the generation folder. */
  readonly files: Readonly<Record<string, InstalledFile>>;
}

export interface InstalledFile {
  /** Permission bits, octal. */
  readonly mode: string;
  /** Of the bytes on disk; hex. */
  readonly installed: string;
  /** The text with secrets as references, only for a file that holds one; else null. */
  readonly reference: string | null;
  /** The text of a file without a secret, to compare with when somebody has edited it; absent in old ones. */
  readonly text?: string;
  /** Fingerprints of the secrets that were filled in, by name; see {@link fingerprint}. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** Tells two values of a secret apart. It lies where the secret itself does, in files for root alone. */
export function fingerprint(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Null when the folder is not a complete generation. */
export function readUnitManifest(generationFolder: string): UnitManifest | null {
  let text: string;
  try {
    text = readFileSync(join(generationFolder, unitManifestName), 'utf8');
  } catch {
    return null;
  }
  try {
    const manifest = JSON.parse(text) as UnitManifest;
    return manifest.formatVersion === 1 ? manifest : null;
  } catch {
    // Cut short by a full disk: as if it were not there.
    return null;
  }
}
