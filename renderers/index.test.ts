// The list is written by hand, so something has to notice a folder that is missing from it.

import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runtimeRenderers, serviceRenderers } from './index.ts';

const names = (renderers: readonly { readonly name: string }[]) => renderers.map(({ name }) => name);

it('every folder of renderers/ is registered, under its own name', () => {
  const folders = readdirSync(fileURLToPath(new URL('.', import.meta.url)), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect([...names(serviceRenderers), ...names(runtimeRenderers)].sort()).toEqual(folders.sort());
});

it('the lists are in alphabetical order', () => {
  for (const renderers of [serviceRenderers, runtimeRenderers]) {
    expect(names(renderers)).toEqual(names(renderers).sort());
  }
});
