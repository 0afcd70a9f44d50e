/** One host's folder DATA/mailc, as apply sees it: read, stage, switch, undo, record. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { HostTarget, StagedHost } from '../../apply/targets.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Artifact } from '../../model/artifact.ts';
import type { SecretDefinition } from '../../model/secret.ts';
import { makeFolders } from '../make-folders.ts';
import { readLiveFiles } from './live-files.ts';
import { takeHostLock } from './lock.ts';
import { keepSecrets, readSecrets, type SecretValues } from './secret-store.ts';
import { stageUnit } from './stage-unit.ts';
import { currentGeneration, generationsOf, switchGeneration } from './unit-links.ts';
import { readUnitManifest } from './unit-manifest.ts';
import { writeFileDurably } from './write-durably.ts';

export interface HostTargetOptions {
  readonly host: string;
  /** The host's own root folder: `/` on the host itself. */
  readonly root: string;
  /** Absolute path below which the host's volumes live. */
  readonly data: string;
  readonly secrets: readonly SecretDefinition[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function openHostTarget(options: HostTargetOptions): HostTarget {
  const folder = join(options.root, options.data, 'mailc');
  const secretsFolder = join(folder, 'secrets');
  const historyFolder = join(folder, 'history');
  const read = () => readSecrets(secretsFolder, options.root, options.secrets, options.environment);
  return {
    name: options.host,
    lock: (holder) => takeHostLock(folder, holder),
    readFiles: () => readLiveFiles(folder, options.host, secretsOfToday(options.secrets, read().values)),
    missingSecrets: (artifacts) => missingFor(artifacts, read().diagnostics, options.secrets, read().values),
    readSecrets: () => read().values,
    keepSecrets: (shared) => keepSecrets(secretsFolder, options.secrets, read().values, shared),
    stage: (units, secrets, commit) => {
      removeLeftovers(folder, historyFolder);
      return stage(folder, nextGeneration(folder, historyFolder), units, secrets, commit);
    },
    readPorts: () => readPorts(historyFolder),
    record: ({ generation }, entry, ports) => {
      makeFolders(historyFolder);
      const text = JSON.stringify({ formatVersion: 1, generation, ...entry, ports }, null, 2);
      writeFileDurably(join(historyFolder, `${generation}.json`), `${text}\n`, 0o644);
    },
  };
}

/** As they are now; null for one that is gone and would be made anew. One that cannot be had here is left out. */
function secretsOfToday(
  definitions: readonly SecretDefinition[],
  values: SecretValues,
): ReadonlyMap<string, string | null> {
  return new Map(
    definitions.flatMap(({ name, origin }) => {
      const value = values.get(name) ?? null;
      return value === null && origin.kind !== 'generated' ? [] : [[name, value] as const];
    }),
  );
}

/** Of what could not be read, that which the artifacts need. */
function missingFor(
  artifacts: readonly Artifact[],
  diagnostics: readonly Diagnostic[],
  definitions: readonly SecretDefinition[],
  values: SecretValues,
): readonly Diagnostic[] {
  const needed = new Set(
    artifacts.flatMap(({ content }) =>
      content.flatMap((part) => (typeof part === 'string' ? [] : [part.secret])),
    ),
  );
  const lacking = definitions.filter(
    ({ name, origin }) => needed.has(name) && origin.kind !== 'generated' && !values.has(name),
  );
  return diagnostics.filter(({ message }) => lacking.some(({ name }) => message.includes(`"${name}"`)));
}

function stage(
  folder: string,
  generation: number,
  units: ReadonlyMap<string, readonly Artifact[]>,
  secrets: SecretValues,
  commit: string | null,
): StagedHost {
  const before = new Map<string, number | null>();
  for (const [unit, artifacts] of units) {
    const unitFolder = join(folder, unit);
    before.set(unit, currentGeneration(unitFolder));
    if (artifacts.length > 0) {
      stageUnit(join(unitFolder, String(generation)), artifacts, secrets, commit);
    }
  }
  return {
    generation,
    switchUnits: () => {
      for (const [unit, artifacts] of units) {
        switchGeneration(join(folder, unit), artifacts.length > 0 ? generation : null);
      }
    },
    undo: () => {
      for (const [unit, earlier] of before) switchGeneration(join(folder, unit), earlier);
      for (const unit of units.keys())
        rmSync(join(folder, unit, String(generation)), { recursive: true, force: true });
    },
  };
}

/** From the newest record. */
function readPorts(historyFolder: string): Readonly<Record<string, number | null>> | null {
  const newest = Math.max(0, ...names(historyFolder).map((name) => Number.parseInt(name, 10) || 0));
  if (newest === 0) return null;
  const record = JSON.parse(readFileSync(join(historyFolder, `${newest}.json`), 'utf8')) as {
    readonly ports: Readonly<Record<string, number | null>>;
  };
  return record.ports;
}

/** Above every number ever used here, so that no folder is written twice. */
function nextGeneration(folder: string, historyFolder: string): number {
  const recorded = names(historyFolder).map((name) => Number.parseInt(name, 10) || 0);
  const staged = names(folder).flatMap((unit) => generationsOf(join(folder, unit)));
  return Math.max(0, ...recorded, ...staged) + 1;
}

/** What an apply that was killed had staged and not switched to: no record names it, no link points at it. */
function removeLeftovers(folder: string, historyFolder: string): void {
  const recorded = Math.max(0, ...names(historyFolder).map((name) => Number.parseInt(name, 10) || 0));
  for (const unit of names(folder)) {
    const unitFolder = join(folder, unit);
    const current = currentGeneration(unitFolder);
    for (const generation of generationsOf(unitFolder)) {
      const complete = readUnitManifest(join(unitFolder, String(generation))) !== null;
      if (generation === current || (generation <= recorded && complete)) continue;
      rmSync(join(unitFolder, String(generation)), { recursive: true, force: true });
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
