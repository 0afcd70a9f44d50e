/** Generations of a host's units: numbered, staged, switched to, undone, and at last removed. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { StagedHost } from '../../apply/targets.ts';
import type { Artifact } from '../../model/artifact.ts';
import { recordedGenerations } from './history.ts';
import type { SecretValues } from './secret-store.ts';
import { stageUnit } from './stage-unit.ts';
import { currentGeneration, generationsOf, switchGeneration } from './unit-links.ts';
import { readUnitManifest } from './unit-manifest.ts';

/** Writes the units beside the running ones, which nothing notices before `switchUnits`. */
export function stageGeneration(
  folder: string,
  generation: number,
  units: ReadonlyMap<string, readonly Artifact[]>,
  secrets: SecretValues,
  commit: string | null,
): StagedHost {
  const before = new Map<string, number | null>();
  const folders = new Map<string, string>();
  for (const [unit, artifacts] of units) {
    const unitFolder = join(folder, unit);
    before.set(unit, currentGeneration(unitFolder));
    if (artifacts.length === 0) continue;
    const staged = join(unitFolder, String(generation));
    folders.set(unit, staged);
    stageUnit(staged, artifacts, secrets, commit);
  }
  return {
    generation,
    folders,
    switchUnits: () => {
      for (const [unit, artifacts] of units) {
        switchGeneration(join(folder, unit), artifacts.length > 0 ? generation : null);
      }
    },
    undo: () => {
      const failures: unknown[] = [];
      for (const [unit, earlier] of before) {
        try {
          switchGeneration(join(folder, unit), earlier);
          rmSync(join(folder, unit, String(generation)), { recursive: true, force: true });
        } catch (cause) {
          failures.push(cause);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** Above every number ever used here, so that no folder is written twice. */
export function nextGeneration(folder: string, historyFolder: string): number {
  const staged = names(folder).flatMap((unit) => generationsOf(join(folder, unit)));
  return Math.max(0, ...recordedGenerations(historyFolder), ...staged) + 1;
}

/** What an apply that was killed had staged and not switched to: no record names it, no link points at it. */
export function removeLeftovers(folder: string, historyFolder: string): void {
  const recorded = recordedGenerations(historyFolder).at(-1) ?? 0;
  removeGenerations(folder, (generation, path) => generation > recorded || readUnitManifest(path) === null);
}

/** Never one that runs. */
export function removeOlderThan(folder: string, oldest: number): void {
  removeGenerations(folder, (generation) => generation < oldest);
}

function removeGenerations(folder: string, isGone: (generation: number, path: string) => boolean): void {
  for (const unit of names(folder)) {
    const unitFolder = join(folder, unit);
    const current = currentGeneration(unitFolder);
    for (const generation of generationsOf(unitFolder)) {
      const path = join(unitFolder, String(generation));
      if (generation !== current && isGone(generation, path)) rmSync(path, { recursive: true, force: true });
    }
  }
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
