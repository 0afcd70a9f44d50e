/**
 * What mailc says of a wrong mail.yaml, word for word. Each example is `NAME.yaml`, or a folder `NAME` with
 * mail.yaml and the files that it includes, beside `NAME.txt`. UPDATE_GOLDEN=1 rewrites the texts; read the
 * difference before committing it. A text that differs is left as `NAME.txt.actual`.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyse } from '../../src/compile.ts';
import { checkCatalogue } from '../../src/diagnostics/catalogue/check.ts';
import { parseCatalogue } from '../../src/diagnostics/catalogue/parse.ts';
import { resolveCatalogue } from '../../src/diagnostics/catalogue/resolve.ts';
import { validateCatalogue } from '../../src/diagnostics/catalogue/validate.ts';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { formatText } from '../../src/diagnostics/format/text.ts';
import type { SourceFile } from '../../src/model/source-document.ts';
import { readSources } from '../../src/targets/source-tree.ts';
import { workingFolder } from '../../src/targets/working-folder.ts';

const here = import.meta.dirname;

const examples = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() || entry.name.endsWith('.yaml'))
  .map((entry) => basename(entry.name, '.yaml'))
  .sort();

interface Judged {
  readonly files: readonly SourceFile[];
  readonly diagnostics: readonly Diagnostic[];
}

async function judge(name: string): Promise<Judged> {
  const file = join(here, `${name}.yaml`);
  if (existsSync(file)) {
    const files = [{ path: 'mail.yaml', text: readFileSync(file, 'utf8') }];
    return { files, diagnostics: analyse(files).diagnostics };
  }
  const read = await readSources(workingFolder(join(here, name)), 'mail.yaml');
  const entry = { path: 'mail.yaml', text: readFileSync(join(here, name, 'mail.yaml'), 'utf8') };
  const files = read.value ?? [entry];
  const analysed = read.value === null ? [] : analyse(files).diagnostics;
  return { files, diagnostics: [...read.diagnostics, ...analysed] };
}

describe('a wrong mail.yaml', () => {
  test.each(examples)('%s', async (name) => {
    const golden = join(here, `${name}.txt`);
    const { files, diagnostics } = await judge(name);
    const actual = formatText(diagnostics, files);
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(golden, actual);
    const expected = existsSync(golden) ? readFileSync(golden, 'utf8') : '';
    if (actual === expected) rmSync(`${golden}.actual`, { force: true });
    else writeFileSync(`${golden}.actual`, actual);
    expect(actual).toBe(expected);
    expect(diagnostics.length).toBeGreaterThan(0);
  });

  test('shows every rule of the language being broken', () => {
    const codes = [parseCatalogue, validateCatalogue, resolveCatalogue, checkCatalogue].flatMap(Object.keys);
    const texts = examples.map((name) => readFileSync(join(here, `${name}.txt`), 'utf8')).join('\n');
    const shown = new Set(
      Array.from(texts.matchAll(/^(?:error|warning)\[([a-z0-9-]+)\]/gm), ([, code]) => code),
    );
    expect(codes.filter((code) => !shown.has(code) && !(code in excused))).toEqual([]);
    expect(Object.keys(excused).filter((code) => shown.has(code))).toEqual([]);
  });
});

/** Codes without an example here, and why. */
const excused: Readonly<Record<string, string>> = {
  'source-unreadable': 'git keeps no permissions that would make a file unreadable; tested with src/targets',
  'source-not-utf8': 'the file would not survive an editor; tested with src/targets',
  'more-errors': 'needs ten thousand mistakes; tested in src/validate/validate.test.ts',
  'yaml-too-large': 'the file would be too large for git; tested in src/parse/hostile.test.ts',
};
