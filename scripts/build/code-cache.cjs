/**
 * Runs the built mailc a few times in this process and keeps what V8 compiled meanwhile. Arguments: the folder of
 * the launcher, then the commands as JSON, a list of words each.
 */
const { renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const [, , folder, commands] = process.argv;
const launcher = join(folder, 'mailc.cjs');
const { cacheOf, loadBundle, run } = require(launcher);

async function main() {
  const [[kind]] = JSON.parse(commands);
  const cache = cacheOf(kind);
  const script = loadBundle(cache);
  for (const words of JSON.parse(commands)) {
    process.argv = [process.argv[0], launcher, ...words];
    await run(script);
  }
  writeFileSync(`${cache}.new`, script.createCachedData());
  renameSync(`${cache}.new`, cache);
  process.exitCode = 0;
}

void main();
