/**
 * npm run bench:load [-- MESSAGES [CONNECTIONS [FILTERED]]]: what the running system carries beside the same
 * Postfix and Dovecot with Debian's settings and local files, as ratios of one run. Needs what the end-to-end tests
 * need (docs/end-to-end-tests.md), and waits for them. 10,000 messages over 20 connections without the filter and
 * 200 with it, unless told otherwise.
 */
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [messages = '10000', connections = '20', filtered = '200'] = process.argv.slice(2);
const program = await bundle(join(root, 'test/bench/load/measure-load.ts'));
const reached = await program.measureLoad({
  messages: Number(messages),
  connections: Number(connections),
  filtered: Number(filtered),
});
process.exitCode = reached ? 0 : 1;

/** Node 20 runs no TypeScript, and the tests' parts find their files beside themselves. */
async function bundle(entry) {
  const outfile = join(root, 'node_modules/.cache/mailc-bench/load.mjs');
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
