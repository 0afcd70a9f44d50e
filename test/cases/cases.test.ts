// Add a folder, get a test: NNN-name/mail.yaml compiles to NNN-name/expected, without a single diagnostic.
//
// UPDATE_GOLDEN=1 npx vitest run test/cases writes `expected` anew; read the difference before you commit it.
// A test that fails leaves what came out beside what was expected, as PATH.actual.

import { expect, it } from 'vitest';
import { caseNames, compileCase, expectedTree, keepActual, rewrite } from './case.ts';

it.each(caseNames())('%s compiles to what is expected', async (name) => {
  const actual = await compileCase(name);
  expect(actual.size, 'a case without a file proves nothing').toBeGreaterThan(0);
  if (process.env.UPDATE_GOLDEN === '1') rewrite(name, actual);

  const expected = expectedTree(name);
  keepActual(name, actual, expected);
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [path, text] of expected) expect(actual.get(path), `${name}/expected/${path}`).toBe(text);
});
