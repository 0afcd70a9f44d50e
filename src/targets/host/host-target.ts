/** One host's folder DATA/mailc, as apply sees it: read, stage, switch, undo, record. */
import { join } from 'node:path';
import type { HostTarget } from '../../apply/targets.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Artifact } from '../../model/artifact.ts';
import type { SecretDefinition } from '../../model/secret.ts';
import { nextGeneration, removeLeftovers, removeOlderThan, stageGeneration } from './generations.ts';
import { lastRecord, pruneRecords, readRecordedSource, readRecords, writeRecord } from './history.ts';
import { readJournal, writeJournal } from './journal.ts';
import { readGoneFiles, readLiveFiles } from './live-files.ts';
import { takeHostLock } from './lock.ts';
import { lostSecrets } from './lost-secrets.ts';
import { ownerNames } from './owner-name.ts';
import { keepSecrets, readSecrets, type SecretValues, writeSecrets } from './secret-store.ts';

export interface HostTargetOptions {
  readonly host: string;
  /** The host's own root folder: `/` on the host itself. */
  readonly root: string;
  /** Absolute path below which the host's volumes live. */
  readonly data: string;
  readonly secrets: readonly SecretDefinition[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Names of generated secrets that get another value. */
  readonly rotate?: ReadonlySet<string>;
}

/** The files only: what runs on a live host is for whoever opens it. */
export function openHostTarget(options: HostTargetOptions): HostTarget {
  const folder = join(options.root, options.data, 'mailc');
  const secretsFolder = join(folder, 'secrets');
  const historyFolder = join(folder, 'history');
  const journalFile = join(folder, 'journal');
  const read = () => readSecrets(secretsFolder, options.root, options.secrets, options.environment);
  const own = new Set(options.secrets.map(({ name }) => name));
  let rotating: ReadonlySet<string> = new Set([...(options.rotate ?? [])].filter((name) => own.has(name)));
  let former: SecretValues = new Map();
  const reading = () => ({
    mailcFolder: folder,
    host: options.host,
    secrets: secretsOfToday(options.secrets, read().values, rotating),
    ownerName: ownerNames(options.root),
    recorded: lastRecord(historyFolder)?.generation ?? 0,
  });
  return {
    name: options.host,
    runtime: null,
    probe: null,
    lock: (holder) => takeHostLock(folder, holder),
    readFiles: () => readLiveFiles(reading()),
    readGoneFiles: () => readGoneFiles(reading()),
    missingSecrets: (artifacts) => missingFor(artifacts, read().diagnostics, options.secrets, read().values),
    readSecrets: () => read().values,
    rotating: () => rotating,
    lostSecrets: () => lostSecrets(folder, secretsOfToday(options.secrets, read().values, new Set())),
    keepSecrets: (shared) => {
      const known = read().values;
      former = known;
      const kept = keepSecrets(secretsFolder, { definitions: options.secrets, known, shared, rotating });
      // Once: what is applied after that is applied with the new value.
      rotating = new Set();
      return kept;
    },
    writeSecrets: (values) => writeSecrets(secretsFolder, values),
    restoreSecrets: () => {
      const now = read().values;
      for (const { name, origin } of options.secrets) {
        const value = former.get(name);
        if (origin.kind !== 'generated' || value === undefined || value === now.get(name)) continue;
        writeSecrets(secretsFolder, new Map([[name, value]]));
      }
    },
    stage: (units, secrets, commit) => {
      removeLeftovers(folder, historyFolder);
      return stageGeneration(folder, nextGeneration(folder, historyFolder), units, secrets, commit);
    },
    readRecord: () => lastRecord(historyFolder),
    readHistory: () => readRecords(historyFolder),
    readSource: (generation) => readRecordedSource(historyFolder, generation),
    readJournal: () => readJournal(journalFile),
    writeJournal: (journal) => writeJournal(journalFile, journal),
    record: (record, source) => {
      writeRecord(historyFolder, record, source);
      removeOlderThan(folder, pruneRecords(historyFolder));
    },
  };
}

/** As they are now; null for one that is to be made anew. One that cannot be had here is left out. */
function secretsOfToday(
  definitions: readonly SecretDefinition[],
  values: SecretValues,
  rotating: ReadonlySet<string>,
): ReadonlyMap<string, string | null> {
  return new Map(
    definitions.flatMap(({ name, origin }) => {
      const value = rotating.has(name) ? null : (values.get(name) ?? null);
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
