/** What the containers of a host see of its folder DATA/mailc: through `current`, and nothing besides. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { generationsOf } from '../../src/targets/host/unit-links.ts';
import { readUnitManifest } from '../../src/targets/host/unit-manifest.ts';

/** By unit, the generation that `current` points to. */
export function currentGenerations(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    units(folder).flatMap((unit) => {
      const link = join(folder, unit, 'current');
      try {
        return [[unit, readlinkSync(link)]];
      } catch {
        return [];
      }
    }),
  );
}

/** Every generation of every unit. */
export function allGenerations(folder: string): Readonly<Record<string, readonly number[]>> {
  return Object.fromEntries(
    units(folder).flatMap((unit) => {
      const generations = generationsOf(join(folder, unit));
      return generations.length === 0 ? [] : [[unit, generations]];
    }),
  );
}

/** Files behind a `current` that are not as mailc meant them: missing, cut short, or mixed with another generation's. */
export function brokenFiles(folder: string): readonly string[] {
  return Object.entries(currentGenerations(folder)).flatMap(([unit, generation]) => {
    const path = join(folder, unit, generation);
    const manifest = readUnitManifest(path);
    if (manifest === null) return [`${unit}/${generation} is not complete`];
    return Object.entries(manifest.files).flatMap(([name, { installed }]) =>
      hashOf(join(path, name)) === installed ? [] : [`${unit}/${generation}/${name}`],
    );
  });
}

function units(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function hashOf(path: string): string | null {
  return existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : null;
}
