/** Which secrets a host has lost: its files say by their fingerprints that they were made with one. */
import { join } from 'node:path';
import { unitsOf } from './live-files.ts';
import { currentGeneration } from './unit-links.ts';
import { readUnitManifest } from './unit-manifest.ts';

/** `today` has null for what is not there. Files are only looked at where anything is not. */
export function lostSecrets(
  mailcFolder: string,
  today: ReadonlyMap<string, string | null>,
): readonly string[] {
  const gone = [...today].flatMap(([name, value]) => (value === null ? [name] : []));
  if (gone.length === 0) return [];
  const installed = new Set(
    unitsOf(mailcFolder).flatMap((unit) => {
      const generation = currentGeneration(join(mailcFolder, unit));
      const manifest =
        generation === null ? null : readUnitManifest(join(mailcFolder, unit, String(generation)));
      return Object.values(manifest?.files ?? {}).flatMap(({ secrets }) => Object.keys(secrets ?? {}));
    }),
  );
  return gone.filter((name) => installed.has(name)).sort();
}
