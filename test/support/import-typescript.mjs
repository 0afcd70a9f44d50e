/** Runs TypeScript where no vitest does: Node 20 cannot, and the tests' parts find their files beside themselves. */
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The module of a file, with all that it imports from this repository. */
export async function importTypeScript(entry) {
  const outfile = join(root, 'node_modules/.cache/mailc-test', `${basename(entry, '.ts')}.mjs`);
  mkdirSync(dirname(outfile), { recursive: true });
  const ownUrl = {
    name: 'own-url',
    setup: ({ onLoad }) =>
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        const url = JSON.stringify(pathToFileURL(path).href);
        return { contents: text.replaceAll('import.meta.url', url), loader: 'ts' };
      }),
  };
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    plugins: [ownUrl],
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}
