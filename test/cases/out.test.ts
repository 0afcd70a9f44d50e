// out/ is what mail.yaml.example compiles to. Stale: node dist/mailc.cjs compile mail.yaml.example, or
// UPDATE_GOLDEN=1 npx vitest run test/cases/out.test.ts

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { compile } from '../../src/compile.ts';
import { compareOutput, writeOutput } from '../../src/targets/output-folder.ts';
import { readSources } from '../../src/targets/source-tree.ts';
import { workingFolder } from '../../src/targets/working-folder.ts';
import { pathsBelow } from './case.ts';

it('out/ is up to date, and nothing else lies in it', async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const { value: files } = await readSources(workingFolder(root), 'mail.yaml.example');
  const { value, diagnostics } = await compile(files ?? []);
  expect(diagnostics).toEqual([]);
  const artifacts = value?.artifacts ?? [];

  const folder = join(root, 'out');
  if (process.env.UPDATE_GOLDEN === '1') writeOutput(folder, compareOutput(folder, artifacts));
  const { write, remove } = compareOutput(folder, artifacts);
  expect({ stale: write.map(({ path }) => path), remove }).toEqual({ stale: [], remove: [] });
  expect(pathsBelow(folder)).toEqual(artifacts.map(({ path }) => path).sort());
});
