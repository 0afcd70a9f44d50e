/** One folder of test/cases: mail.yaml beside what it compiles to. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '../../src/compile.ts';
import { hasErrors } from '../../src/diagnostics/diagnostic.ts';
import { printContent } from '../../src/render/secret-marker.ts';
import { readSources } from '../../src/targets/source-tree.ts';
import { workingFolder } from '../../src/targets/working-folder.ts';

/** Text by path below out/. */
export type Tree = ReadonlyMap<string, string>;

const here = dirname(fileURLToPath(import.meta.url));

/** Names of the folders, in order. */
export function caseNames(): readonly string[] {
  return readdirSync(here, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** Everything that a mail.yaml compiles to; throws the diagnostics of one that does not compile cleanly. */
async function compileFile(folder: string, name: string): Promise<Tree> {
  const read = await readSources(workingFolder(folder), name);
  const compiled = read.value === null ? null : await compile(read.value);
  const diagnostics = [...read.diagnostics, ...(compiled?.diagnostics ?? [])];
  if (compiled?.value == null || hasErrors(diagnostics) || diagnostics.length > 0) {
    throw new Error(
      diagnostics
        .map(({ code, message, position }) => `${position?.file}:${position?.line}: ${code}: ${message}`)
        .join('\n'),
    );
  }
  return new Map(compiled.value.artifacts.map(({ path, content }) => [path, printContent(content)]));
}

/**
 * What a case is about: all of the output, or what the patterns of its file `only` name. Those know one more
 * file, `database/rows`: the rows in sync.sql, without the statements, which are the same for all.
 */
export async function compileCase(name: string): Promise<Tree> {
  const folder = join(here, name);
  const tree = await compileFile(folder, 'mail.yaml');
  const patterns = only(folder);
  if (patterns === null) return tree;
  const [rows] = /^COPY .*^\\\.$/ms.exec(tree.get('database/sync.sql') ?? '') ?? [''];
  const files = [...tree, ['database/rows', `${rows}\n`] as const];
  return new Map(files.filter(([path]) => patterns.some((pattern) => pattern.test(path))));
}

/** One pattern a line; `*` is anything within a folder, `**` anything. Null when there is no such file. */
function only(folder: string): readonly RegExp[] | null {
  let text: string;
  try {
    text = readFileSync(join(folder, 'only'), 'utf8');
  } catch {
    return null;
  }
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const literal = line.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
      return new RegExp(`^${literal.replace(/\*\*|\*/g, (star) => (star === '*' ? '[^/]*' : '.*'))}$`);
    });
}

export function expectedTree(name: string): Tree {
  const folder = join(here, name, 'expected');
  // A new case begins without one.
  mkdirSync(folder, { recursive: true });
  return new Map(pathsBelow(folder).map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

/** Makes `expected` what was compiled. */
export function rewrite(name: string, tree: Tree): void {
  const folder = join(here, name, 'expected');
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of tree) write(join(folder, path), text);
}

/** Lays what differs beside what was expected, as PATH.actual (git ignores it), and clears away the rest. */
export function keepActual(name: string, actual: Tree, expected: Tree): void {
  const folder = join(here, name, 'expected');
  for (const path of filesBelow(folder)) {
    if (path.endsWith('.actual')) rmSync(join(folder, path));
  }
  for (const [path, text] of actual) {
    if (text !== expected.get(path)) write(join(folder, `${path}.actual`), text);
  }
}

/** Files, without what a failed test left. */
export function pathsBelow(folder: string): readonly string[] {
  return filesBelow(folder).filter((path) => !path.endsWith('.actual'));
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
