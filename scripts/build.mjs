/** dist/mailc.cjs: the whole command line in one file, so that a user installs nothing else. */
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import './generate.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const result = await build({
  entryPoints: [join(root, 'src/cli/main.ts')],
  bundle: true,
  write: false,
  platform: 'node',
  // CommonJS starts faster than an ES module, and lets each lazily imported part stay uninitialised.
  format: 'cjs',
  target: 'node20.19',
  // 27 MB of WebAssembly that only `embedded:` databases want; pg-native is pg's optional native binding.
  external: ['@electric-sql/pglite', 'pg-native', 'age-encryption'],
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
});

const target = join(root, 'dist/mailc.cjs');
mkdirSync(dirname(target), { recursive: true });
const temporary = `${target}.${process.pid}.tmp`;
writeFileSync(temporary, `#!/usr/bin/env node\n${result.outputFiles[0].text}`);
chmodSync(temporary, 0o755);
renameSync(temporary, target);
