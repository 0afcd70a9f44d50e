/** dist/: the command line with all that it needs, so that a user installs nothing else, and what starts it fast. */
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
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import './generate.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
mkdirSync(dist, { recursive: true });

const commands = join(root, 'src/cli');
const result = await build({
  entryPoints: {
    'mailc-all': join(commands, 'main.ts'),
    'mailc-validate': join(commands, 'only/validate.ts'),
    'mailc-compile': join(commands, 'only/compile.ts'),
    'mailc-plan': join(commands, 'only/plan.ts'),
  },
  outdir: dist,
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
  plugins: [commanderWithoutProcesses()],
  // A function of what a CommonJS module sees, which the launcher calls.
  banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
  footer: { js: '})' },
  charset: 'ascii',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
});

// First, since V8 knows compiled code of an earlier bundle by nothing but the bundle's length.
for (const name of readdirSync(dist)) if (name.endsWith('.cache')) rmSync(join(dist, name));
for (const { path, contents } of result.outputFiles) {
  place(basename(path), (temporary) => writeFileSync(temporary, contents));
}
place('mailc.cjs', (path) => {
  copyFileSync(join(root, 'scripts/launcher.cjs'), path);
  chmodSync(path, 0o755);
});
cacheCode();

/**
 * commander loads node:child_process, and with it all of Node's networking, for subcommands that are programs of
 * their own. mailc has none.
 */
function commanderWithoutProcesses() {
  return {
    name: 'commander-without-processes',
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
        /[\\/]commander[\\/]lib[\\/]/.test(importer)
          ? { path: 'none', namespace: 'no-processes' }
          : undefined,
      );
      onLoad({ filter: /.*/, namespace: 'no-processes' }, () => ({ contents: 'module.exports = {};' }));
    },
  };
}

/** By rename, so that a test run beside this one never starts half a file. */
function place(name, write) {
  const temporary = join(dist, `${name}.${process.pid}.tmp`);
  write(temporary);
  renameSync(temporary, join(dist, name));
}

function cacheCode() {
  const folder = mkdtempSync(join(tmpdir(), 'mailc-build-'));
  try {
    const source = join(root, 'mail.yaml.example');
    const kinds = [
      [['validate', source]],
      [['compile', source, '-o', join(folder, 'out')]],
      [['plan', source, '--database', 'DATABASE']],
      [
        ['plan', source, '--root', join(folder, 'host'), '--database', 'DATABASE'],
        ['dns', source],
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
