#!/usr/bin/env node
/**
 * Starts the bundle beside it that has the command, with the code that V8 compiled when it was built, which halves
 * the start. Where that code is missing or another Node made it, V8 compiles anew and everything works the same.
 */
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const vm = require('node:vm');

/** The commands that start often have a bundle of what they use: to read what is not wanted takes time too. */
function bundleOf([command, ...options]) {
  // Plans of files render them all, as most other commands do.
  const isLarge = options.some((option) => /^--(root|from)\b/.test(option));
  const hasOwn = command === 'validate' || command === 'compile' || (command === 'plan' && !isLarge);
  return join(__dirname, `mailc-${hasOwn ? command : 'all'}.js`);
}

/** The bundle as a script: a function of what a CommonJS module sees. */
function loadBundle(bundle) {
  let cachedData;
  try {
    cachedData = readFileSync(`${bundle}.cache`);
  } catch {
    cachedData = undefined;
  }
  // The bundle is ASCII, and latin1 is read without decoding.
  return new vm.Script(readFileSync(bundle, 'latin1'), { filename: bundle, cachedData });
}

/** Settles when the command has ended. */
function run(script, bundle) {
  const module = { exports: {} };
  // The bundle lies beside this file, so that this one's `require` finds the same.
  script.runInThisContext()(module.exports, require, module, bundle, __dirname);
  return module.exports.finished;
}

if (require.main === module) {
  const bundle = bundleOf(process.argv.slice(2));
  run(loadBundle(bundle), bundle);
} else module.exports = { bundleOf, loadBundle, run };
