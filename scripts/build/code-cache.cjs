/**
 * Runs the built mailc a few times in this process and keeps what V8 compiled meanwhile. Arguments: the folder of
 * the launcher, then the commands as JSON, a list of words each; the first one's bundle is the one meant. `DATABASE`
 * stands for a server that answers while they run.
 */
const { renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const [, , folder, commands] = process.argv;
const launcher = join(folder, 'mailc.cjs');
const { startServer } = require('./empty-database.cjs');
const { bundleOf, loadBundle, run } = require(launcher);

async function main() {
  const [first, ...others] = JSON.parse(commands);
  const bundle = bundleOf(first);
  const script = loadBundle(bundle);
  const server = await startServer();
  for (const line of [first, ...others]) {
    const words = line.map((word) => (word === 'DATABASE' ? server.url : word));
    process.argv = [process.argv[0], launcher, ...words];
    await run(script, bundle);
  }
  server.stop();
  writeFileSync(`${bundle}.cache.new`, script.createCachedData());
  renameSync(`${bundle}.cache.new`, `${bundle}.cache`);
  process.exitCode = 0;
}

void main();
