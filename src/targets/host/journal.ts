/** DATA/mailc/journal: what an apply that is under way, or was cut off, still has to have services do. */
import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Journal } from '../../apply/targets.ts';
import { flushFolder, writeFileDurably } from './write-durably.ts';

export function readJournal(path: string): Journal | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Journal;
  } catch {
    return null;
  }
}

/** Null takes it away. */
export function writeJournal(path: string, journal: Journal | null): void {
  if (journal !== null) {
    writeFileDurably(path, `${JSON.stringify(journal)}\n`, 0o644);
    return;
  }
  rmSync(path, { force: true });
  flushFolder(dirname(path));
}
