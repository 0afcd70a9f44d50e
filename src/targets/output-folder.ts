/** The folder that `mailc compile` keeps equal to its artifacts: written only where it differs. */
import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { error } from '../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../diagnostics/diagnostic-error.ts';
import type { Artifact } from '../model/artifact.ts';
import { printContent } from '../render/secret-marker.ts';
import { makeFolders } from './make-folders.ts';

export interface OutputDifference {
  readonly write: readonly { readonly path: string; readonly text: string; readonly executable: boolean }[];
  /** Paths of files that an earlier compile wrote and this one does not. */
  readonly remove: readonly string[];
}

/** Only files that an earlier manifest.json names are ever removed: nothing of the user's. */
export function compareOutput(folder: string, artifacts: readonly Artifact[]): OutputDifference {
  const write = artifacts.flatMap((artifact) => {
    const text = printContent(artifact.content);
    const executable = (artifact.mode & 0o100) !== 0;
    const there = read(join(folder, artifact.path));
    return there?.text === text && there.executable === executable
      ? []
      : [{ path: artifact.path, text, executable }];
  });
  const wanted = new Set(artifacts.map((artifact) => artifact.path));
  const remove = earlierPaths(folder).filter(
    (path) => !wanted.has(path) && read(join(folder, path)) !== null,
  );
  return { write, remove };
}

export function writeOutput(folder: string, difference: OutputDifference): void {
  try {
    for (const { path, text, executable } of difference.write) {
      const target = join(folder, path);
      refuseLinks(folder, path);
      makeFolders(dirname(target));
      writeFileSync(target, text);
      chmodSync(target, executable ? 0o755 : 0o644);
    }
    for (const path of difference.remove) {
      refuseLinks(folder, dirname(path));
      rmSync(join(folder, path), { force: true });
      removeEmptyFolders(folder, dirname(path));
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DiagnosticError(error('output-not-writable', null, `the output cannot be written: ${reason}`));
  }
}

/** A link in the folder comes with the checkout too, and would lead the writing anywhere. */
function refuseLinks(folder: string, path: string): void {
  let current = folder;
  for (const part of path.split('/')) {
    current = join(current, part);
    const found = lstatSync(current, { throwIfNoEntry: false });
    if (found?.isSymbolicLink()) throw new Error(`${current} is a symbolic link`);
  }
}

function earlierPaths(folder: string): readonly string[] {
  const manifest = read(join(folder, 'manifest.json'));
  if (manifest === null) return [];
  try {
    const { artifacts } = JSON.parse(manifest.text) as { artifacts: readonly { path: string }[] };
    return artifacts.map(({ path }) => path).filter(staysInside);
  } catch {
    return [];
  }
}

/** A manifest comes with the checkout, so it may be anyone's: it must not name files elsewhere. */
function staysInside(path: unknown): path is string {
  return typeof path === 'string' && !path.startsWith('/') && !path.split('/').includes('..');
}

function read(path: string): { readonly text: string; readonly executable: boolean } | null {
  try {
    return { text: readFileSync(path, 'utf8'), executable: (statSync(path).mode & 0o100) !== 0 };
  } catch {
    return null;
  }
}

function removeEmptyFolders(root: string, folder: string): void {
  for (let current = folder; current !== '.'; current = dirname(current)) {
    if (readdirSync(join(root, current)).length > 0) return;
    rmdirSync(join(root, current));
  }
}
