/**
 * The files of a host as they lie there now, in the words of artifacts: secrets as references again. Each is held
 * against the manifest of its generation, which tells what somebody has changed since.
 */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AppliedFile, GoneFile, LiveFile, OutsideFileChange } from '../../apply/targets.ts';
import { currentGeneration, generationsOf } from './unit-links.ts';
import { fingerprint, type InstalledFile, ownFileNames, readUnitManifest } from './unit-manifest.ts';

export interface FileReading {
  /** DATA/mailc. */
  readonly mailcFolder: string;
  readonly host: string;
  /** Those of today, null for one that is gone: a file that was installed with another value is out of date. */
  readonly secrets: ReadonlyMap<string, string | null>;
  /** What the host calls a user id. */
  readonly ownerName: (uid: number) => string;
  /** The generation of the last apply that came to its end; 0 before the first. */
  readonly recorded: number;
}

/** Sorted by path. */
export function readLiveFiles(reading: FileReading): readonly LiveFile[] {
  const { host, secrets, ownerName } = reading;
  const files = currentUnits(reading).flatMap(({ unit, folder, installed, movedFrom }) =>
    namesBelow(folder)
      .filter((name) => !ownFileNames.has(name))
      .map((name) => {
        const known = installed === null ? undefined : { installed: installed[name] ?? null };
        const file = readLiveFile(join(folder, name), `${host}/${unit}/${name}`, known, secrets, ownerName);
        return movedFrom === null ? file : { ...file, outside: outsideMove(file, name, movedFrom) };
      }),
  );
  return files.sort(byPath);
}

/** What the manifests name and nothing lies at; sorted by path. */
export function readGoneFiles(reading: FileReading): readonly GoneFile[] {
  const files = currentUnits(reading).flatMap(({ unit, folder, installed, movedFrom }) =>
    Object.entries(movedFrom?.files ?? installed ?? {}).flatMap(([name, file]): readonly GoneFile[] => {
      const status = statusOf(join(folder, name));
      if (status !== null && !status.isDirectory()) return [];
      const at = movedFrom?.at ?? statusOf(dirname(join(folder, name)))?.mtime.toISOString() ?? null;
      const by = movedFrom?.by ?? null;
      return [{ path: `${reading.host}/${unit}/${name}`, outside: { by, at, applied: appliedFile(file) } }];
    }),
  );
  return files.sort(byPath);
}

interface CurrentUnit {
  readonly unit: string;
  readonly folder: string;
  /** Null where nobody can tell: a generation without its manifest. */
  readonly installed: Readonly<Record<string, InstalledFile>> | null;
  /** Set where somebody has pointed `current` at an earlier generation. */
  readonly movedFrom: MovedFrom | null;
}

interface MovedFrom {
  readonly files: Readonly<Record<string, InstalledFile>>;
  readonly by: string;
  readonly at: string;
}

function currentUnits(reading: FileReading): readonly CurrentUnit[] {
  const { mailcFolder } = reading;
  return unitsOf(mailcFolder).flatMap((unit) => {
    const generation = currentGeneration(join(mailcFolder, unit));
    if (generation === null) return [];
    const folder = join(mailcFolder, unit, String(generation));
    const installed = readUnitManifest(folder)?.files ?? null;
    return [{ unit, folder, installed, movedFrom: movedFrom(reading, unit, generation) }];
  });
}

/** An apply switches to the latest that is complete; what no record knows yet, one that was cut off has staged. */
function movedFrom(
  { mailcFolder, recorded, ownerName }: FileReading,
  unit: string,
  current: number,
): MovedFrom | null {
  const unitFolder = join(mailcFolder, unit);
  const later = generationsOf(unitFolder).filter((one) => one > current && one <= recorded);
  for (const generation of later.toReversed()) {
    const manifest = readUnitManifest(join(unitFolder, String(generation)));
    const link = statusOf(join(unitFolder, 'current'));
    if (manifest === null || link === null) continue;
    return { files: manifest.files, by: `owner ${ownerName(link.uid)}`, at: link.ctime.toISOString() };
  }
  return null;
}

function outsideMove(file: LiveFile, name: string, { files, by, at }: MovedFrom): OutsideFileChange | null {
  const installed = files[name];
  const isSame = installed?.installed === file.sha256 && modeOf(installed) === file.mode;
  return isSame ? null : { by, at, applied: installed === undefined ? null : appliedFile(installed) };
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
