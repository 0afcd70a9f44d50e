/** dist/: the whole command line in one bundle, so that a user installs nothing else, and what starts it fast. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import './generate.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
mkdirSync(dist, { recursive: true });

const result = await build({
  entryPoints: [join(root, 'src/cli/main.ts')],
  bundle: true,
  write: false,
  platform: 'node',
  // CommonJS starts faster than an ES module, and lets each lazily imported part stay uninitialised.
  format: 'cjs',
  target: 'node20.19',
  // A script from a code cache cannot import(), only require.
  supported: { 'dynamic-import': false },
  // 27 MB of WebAssembly that only `embedded:` databases want; pg-native is pg's optional native binding.
  external: ['@electric-sql/pglite', 'pg-native'],
  // pg asks for it to find out whether it runs in a browser's worker, and Node loads all of fetch to answer.
  define: { Response: 'undefined' },
  charset: 'ascii',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
});

place('mailc-bundle.js', (path) => writeFileSync(path, result.outputFiles[0].text));
place('mailc.cjs', (path) => {
  copyFileSync(join(root, 'scripts/launcher.cjs'), path);
  chmodSync(path, 0o755);
});
for (const name of readdirSync(dist)) if (name.endsWith('.cache')) rmSync(join(dist, name));
cacheCode();

/** By rename, so that a test run beside this one never starts half a file. */
function place(name, write) {
  const temporary = join(dist, `${name}.${process.pid}.tmp`);
  write(temporary);
  renameSync(temporary, join(dist, name));
}

/** That no database answers ends the last command, and is no fault. */
function cacheCode() {
  const folder = mkdtempSync(join(tmpdir(), 'mailc-build-'));
  try {
    const source = join(root, 'mail.yaml.example');
    const kinds = [
      [['validate', source]],
      [['compile', source, '-o', join(folder, 'out')]],
      [
        ['plan', source, '--root', join(folder, 'host')],
        ['plan', source, '--database', 'postgres://nobody@127.0.0.1:1/none'],
      ],
    ];
    for (const commands of kinds) {
      const words = [join(root, 'scripts/build/code-cache.cjs'), dist, JSON.stringify(commands)];
      execFileSync(process.execPath, words, { stdio: 'ignore', cwd: folder });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
