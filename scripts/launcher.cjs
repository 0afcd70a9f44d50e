#!/usr/bin/env node
/**
 * Starts the bundle beside it with the code that V8 compiled when it was built, which halves the start. Where
 * that code is missing or another Node made it, V8 compiles anew and everything works the same.
 */
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const vm = require('node:vm');

const bundle = join(__dirname, 'mailc-bundle.js');

/** To read compiled code takes time too, so each of the commands that start often has just what it uses. */
function cacheOf(command) {
  const kind = command === 'validate' || command === 'compile' ? command : 'plan';
  return `${bundle}.${kind}.cache`;
}

/** The bundle as a script: a function of what a CommonJS module sees. */
function loadBundle(cache) {
  // The bundle is ASCII, and latin1 is read without decoding.
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(bundle, 'latin1')}\n})`;
  let cachedData;
  try {
    cachedData = readFileSync(cache);
  } catch {
    cachedData = undefined;
  }
  return new vm.Script(source, { filename: bundle, cachedData });
}

function run(script) {
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(bundle), module, bundle, __dirname);
  return module.exports.finished;
}

if (require.main === module) run(loadBundle(cacheOf(process.argv[2])));
else module.exports = { cacheOf, loadBundle, run };
