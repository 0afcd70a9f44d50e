/**
 * Runs the built mailc once and keeps what V8 compiled meanwhile. Arguments: the folder of the launcher, then the
 * words for mailc, a command that uses what most commands use.
 */
const { renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const [, , folder, ...words] = process.argv;
const launcher = join(folder, 'mailc.cjs');
process.argv = [process.argv[0], launcher, ...words];

const { loadBundle, run } = require(launcher);
const script = loadBundle();
run(script);
process.on('exit', () => {
  const cache = join(folder, 'mailc-bundle.js.cache');
  writeFileSync(`${cache}.new`, script.createCachedData());
  renameSync(`${cache}.new`, cache);
});
