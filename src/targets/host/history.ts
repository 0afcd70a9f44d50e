/** DATA/mailc/history: a record of each apply, and the source that it compiled, so that it can be returned to. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { HostRecord } from '../../apply/targets.ts';
import type { SourceFile } from '../../model/source-document.ts';
import { makeFolders } from '../make-folders.ts';
import { writeFileDurably } from './write-durably.ts';

/** How many records, and generations of each unit, a host keeps. */
const keptGenerations = 20;

/** Ascending. */
export function recordedGenerations(folder: string): readonly number[] {
  try {
    return readdirSync(folder)
      .flatMap((name) => (/^[1-9][0-9]*\.json$/.test(name) ? [Number.parseInt(name, 10)] : []))
      .sort((a, b) => a - b);
  } catch {
    return [];
  }
}

/** Null where there is none, or one that was cut short by a full disk. */
function readRecord(folder: string, generation: number): HostRecord | null {
  const read = readJson(join(folder, `${generation}.json`)) as Partial<HostRecord> | null;
  if (read === null) return null;
  // A record of an earlier version may have less in it.
  return {
    mailc: read.mailc ?? '',
    commit: read.commit ?? null,
    dirty: read.dirty ?? false,
    planId: read.planId ?? '',
    who: read.who ?? '',
    at: read.at ?? '',
    summary: read.summary ?? { create: 0, update: 0, delete: 0 },
    generation,
    result: read.result ?? 'done',
    seconds: read.seconds ?? 0,
    author: read.author ?? null,
    ports: read.ports ?? {},
    containers: read.containers ?? {},
  };
}

/** The newest first. */
export function readRecords(folder: string): readonly HostRecord[] {
  return recordedGenerations(folder)
    .map((generation) => readRecord(folder, generation))
    .filter((record) => record !== null)
    .reverse();
}

/** Of the last apply that came to its end. */
export function lastRecord(folder: string): HostRecord | null {
  for (const generation of recordedGenerations(folder).toReversed()) {
    const record = readRecord(folder, generation);
    if (record?.result === 'done') return record;
  }
  return null;
}

/** mail.yaml and what it included, as they were compiled; null where they are not kept any more. */
export function readRecordedSource(folder: string, generation: number): readonly SourceFile[] | null {
  const read = readJson(join(folder, `${generation}.source.json`)) as {
    readonly files: readonly SourceFile[];
  } | null;
  return read?.files ?? null;
}

/** The source first: a record promises that it is there. It holds password hashes, so only root reads it. */
export function writeRecord(folder: string, record: HostRecord, source: readonly SourceFile[]): void {
  makeFolders(folder);
  const files = source.map(({ path, text }) => ({ path, text }));
  const kept = JSON.stringify({ formatVersion: 1, files });
  writeFileDurably(join(folder, `${record.generation}.source.json`), `${kept}\n`, 0o600);
  const text = JSON.stringify({ formatVersion: 1, ...record }, null, 2);
  writeFileDurably(join(folder, `${record.generation}.json`), `${text}\n`, 0o644);
}

/** Removes the oldest records, but never that of the last apply that came to its end. Gives the oldest one kept. */
export function pruneRecords(folder: string): number {
  const all = recordedGenerations(folder);
  const oldest = all.at(-keptGenerations) ?? 0;
  const last = lastRecord(folder)?.generation;
  for (const generation of all) {
    if (generation >= oldest || generation === last) continue;
    rmSync(join(folder, `${generation}.json`), { force: true });
    rmSync(join(folder, `${generation}.source.json`), { force: true });
  }
  return oldest;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
