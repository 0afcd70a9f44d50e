/**
 * The files of a host as they lie there now, in the words of artifacts: secrets as references again. Each is held
 * against the manifest of its generation, which tells what somebody has changed since.
 */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AppliedFile, GoneFile, LiveFile, OutsideFileChange } from '../../apply/targets.ts';
import { currentGeneration } from './unit-links.ts';
import { fingerprint, type InstalledFile, ownFileNames, readUnitManifest } from './unit-manifest.ts';

export interface FileReading {
  /** DATA/mailc. */
  readonly mailcFolder: string;
  readonly host: string;
  /** Those of today, null for one that is gone: a file that was installed with another value is out of date. */
  readonly secrets: ReadonlyMap<string, string | null>;
  /** What the host calls a user id. */
  readonly ownerName: (uid: number) => string;
}

/** Sorted by path. */
export function readLiveFiles({ mailcFolder, host, secrets, ownerName }: FileReading): readonly LiveFile[] {
  const files = currentUnits(mailcFolder).flatMap(({ unit, folder, installed }) =>
    namesBelow(folder)
      .filter((name) => !ownFileNames.has(name))
      .map((name) => {
        const known = installed === null ? undefined : { installed: installed[name] ?? null };
        return readLiveFile(join(folder, name), `${host}/${unit}/${name}`, known, secrets, ownerName);
      }),
  );
  return files.sort(byPath);
}

/** What the manifests name and nothing lies at; sorted by path. */
export function readGoneFiles({
  mailcFolder,
  host,
}: Pick<FileReading, 'mailcFolder' | 'host'>): readonly GoneFile[] {
  const files = currentUnits(mailcFolder).flatMap(({ unit, folder, installed }) =>
    Object.entries(installed ?? {}).flatMap(([name, file]): readonly GoneFile[] => {
      const status = statusOf(join(folder, name));
      if (status !== null && !status.isDirectory()) return [];
      const at = statusOf(dirname(join(folder, name)))?.mtime.toISOString() ?? null;
      return [{ path: `${host}/${unit}/${name}`, outside: { by: null, at, applied: appliedFile(file) } }];
    }),
  );
  return files.sort(byPath);
}

interface CurrentUnit {
  readonly unit: string;
  readonly folder: string;
  /** Null where nobody can tell: a generation without its manifest. */
  readonly installed: Readonly<Record<string, InstalledFile>> | null;
}

function currentUnits(mailcFolder: string): readonly CurrentUnit[] {
  return unitsOf(mailcFolder).flatMap((unit) => {
    const generation = currentGeneration(join(mailcFolder, unit));
    if (generation === null) return [];
    const folder = join(mailcFolder, unit, String(generation));
    return [{ unit, folder, installed: readUnitManifest(folder)?.files ?? null }];
  });
}

function readLiveFile(
  location: string,
  path: string,
  known: { readonly installed: InstalledFile | null } | undefined,
  secrets: ReadonlyMap<string, string | null>,
  ownerName: (uid: number) => string,
): LiveFile {
  const status = lstatSync(location);
  const bytes = status.isFile() ? readFileSync(location) : null;
  const content = bytes ?? Buffer.from(whatItIs(location, status));
  const sha256 = createHash('sha256').update(content).digest('hex');
  const mode = status.mode & 0o7777;
  const installed = known?.installed ?? null;
  const asInstalled = installed?.installed === sha256;
  const outside =
    known === undefined || (installed !== null && asInstalled && mode === modeOf(installed))
      ? null
      : outsideChange(status, installed, ownerName);
  const text = content.toString('utf8');
  if (installed !== null && asInstalled && holdsTheSecretsOfToday(installed, secrets)) {
    return { path, mode, text: installed.reference ?? text, sha256, outside };
  }
  // What mailc did not install may hold anything; only what never held a secret may be shown.
  const mayShow =
    bytes === null || (installed === null ? (mode & 0o044) !== 0 : installed.reference === null);
  return { path, mode, text: mayShow ? text : null, sha256, outside };
}

/** Not followed: a link may lead to anything, and whoever opens a pipe waits. */
function whatItIs(location: string, status: Stats): string {
  if (!status.isSymbolicLink()) return 'not a file\n';
  return `a symbolic link to ${readlinkSync(location)}\n`;
}

function outsideChange(
  status: Stats,
  installed: InstalledFile | null,
  ownerName: (uid: number) => string,
): OutsideFileChange {
  // The time of the content can be set by hand and stays with another mode or place; this one does neither.
  const at = status.ctime.toISOString();
  const applied = installed === null ? null : appliedFile(installed);
  return { by: `owner ${ownerName(status.uid)}`, at, applied };
}

function appliedFile(installed: InstalledFile): AppliedFile {
  const text = installed.reference ?? installed.text ?? null;
  return { mode: modeOf(installed), text, sha256: installed.installed };
}

function modeOf({ mode }: InstalledFile): number {
  return Number.parseInt(mode, 8);
}

/** One that cannot be had here, such as a variable that is not set, is taken for the same. */
function holdsTheSecretsOfToday(
  { secrets: installed = {} }: InstalledFile,
  today: ReadonlyMap<string, string | null>,
): boolean {
  return Object.entries(installed).every(([name, print]) => {
    const value = today.get(name);
    return value === undefined || (value !== null && fingerprint(value) === print);
  });
}

/** Every folder of DATA/mailc with a `current` link; `secrets` and `history` have none. */
export function unitsOf(mailcFolder: string): readonly string[] {
  try {
    return readdirSync(mailcFolder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch {
    return [];
  }
}

function namesBelow(folder: string, prefix = ''): readonly string[] {
  // Somebody may have removed what `current` leads to.
  if (statusOf(folder) === null) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? namesBelow(join(folder, entry.name), `${prefix}${entry.name}/`)
      : [`${prefix}${entry.name}`],
  );
}

/** Null where nothing is. */
function statusOf(location: string): Stats | null {
  return lstatSync(location, { throwIfNoEntry: false }) ?? null;
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1;
}
