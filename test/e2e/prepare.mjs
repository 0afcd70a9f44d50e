/**
 * Installs, starts and builds what the end-to-end tests need, and nothing else: for who then starts several at once.
 * Prints the archive of the images. Exit code 3 where they cannot run on this machine; the reason is on stderr.
 */
import { fileURLToPath } from 'node:url';
import { importTypeScript } from '../support/import-typescript.mjs';

const { prepare } = await importTypeScript(fileURLToPath(new URL('support/prepare.ts', import.meta.url)));
const prepared = await prepare((line) => console.error(line));
if ('unavailable' in prepared) {
  console.error(prepared.unavailable);
  process.exitCode = 3;
} else console.log(prepared.archive);
