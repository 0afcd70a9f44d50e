/** The files of a host as they lie there now, in the words of artifacts: secrets as references again. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LiveFile } from '../../apply/targets.ts';
import { currentGeneration } from './unit-links.ts';
import { fingerprint, type InstalledFile, ownFileNames, readUnitManifest } from './unit-manifest.ts';

/**
 * `mailcFolder` is DATA/mailc; `secrets` are those of today, null for one that is gone: a file that was
 * installed with another value is out of date. Sorted by path.
 */
export function readLiveFiles(
  mailcFolder: string,
  host: string,
  secrets: ReadonlyMap<string, string | null>,
): readonly LiveFile[] {
  const files: LiveFile[] = [];
  for (const unit of unitsOf(mailcFolder)) {
    const unitFolder = join(mailcFolder, unit);
    const generation = currentGeneration(unitFolder);
    if (generation === null) continue;
    const folder = join(unitFolder, String(generation));
    const known = readUnitManifest(folder)?.files ?? {};
    for (const name of namesBelow(folder)) {
      if (ownFileNames.has(name)) continue;
      files.push(readLiveFile(join(folder, name), `${host}/${unit}/${name}`, known[name], secrets));
    }
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function readLiveFile(
  location: string,
  path: string,
  installed: InstalledFile | undefined,
  secrets: ReadonlyMap<string, string | null>,
): LiveFile {
  const bytes = readFileSync(location);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const mode = statSync(location).mode & 0o7777;
  const asInstalled = installed?.installed === sha256 && holdsTheSecretsOfToday(installed, secrets);
  // What mailc did not install may hold anything; only what never held a secret may be shown.
  const mayShow = installed === undefined ? (mode & 0o044) !== 0 : installed.reference === null;
  const text = asInstalled
    ? (installed.reference ?? bytes.toString('utf8'))
    : mayShow
      ? bytes.toString('utf8')
      : null;
  return { path, mode, text, sha256 };
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
function unitsOf(mailcFolder: string): readonly string[] {
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
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? namesBelow(join(folder, entry.name), `${prefix}${entry.name}/`)
      : [`${prefix}${entry.name}`],
  );
}
