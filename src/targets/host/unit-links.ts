/** The `current` link of a unit: which generation runs, and the one atomic step from one to the next. */
import { readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { flushFolder } from './write-durably.ts';

/** The number of the running generation; null when none was ever switched to. */
export function currentGeneration(unitFolder: string): number | null {
  try {
    const target = readlinkSync(join(unitFolder, 'current'));
    return /^[1-9][0-9]*$/.test(target) ? Number(target) : null;
  } catch {
    return null;
  }
}

/**
 * Points `current` at a generation by renaming a relative link over it: a reader in a container sees the old
 * folder or the new one, never neither. Null takes the link away, as before the first apply.
 */
export function switchGeneration(unitFolder: string, generation: number | null): void {
  const link = join(unitFolder, 'current');
  if (generation === null) {
    rmSync(link, { force: true });
  } else {
    const next = `${link}.new`;
    rmSync(next, { force: true });
    symlinkSync(String(generation), next);
    renameSync(next, link);
  }
  flushFolder(unitFolder);
}

/** Numbers of all generation folders of a unit, complete or not, ascending. */
export function generationsOf(unitFolder: string): readonly number[] {
  try {
    return readdirSync(unitFolder)
      .filter((name) => /^[1-9][0-9]*$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  } catch {
    return [];
  }
}
