import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemOf } from '../../../test/support/compile-text.ts';
import { smallMailYaml } from '../../../test/support/small-mail-yaml.ts';
import { commandsOf } from './commands.ts';
import { untilHealthy } from './health.ts';

const [host] = systemOf(smallMailYaml).hosts;
const container = { name: 'postfix', service: 'postfix', reload: null } as const;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mailc-health-'));
  mkdirSync(join(folder, 'bin'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Waits as the script `postfix.sh` does, asking a `docker` that does as it is told. */
async function waiting(script: string, docker: string, timeoutMs?: number): Promise<readonly string[]> {
  if (host === undefined) throw new Error('there is a host');
  const log = join(folder, 'log');
  writeFileSync(log, '');
  writeFileSync(join(folder, 'postfix.sh'), `echo "script $*" >>'${log}'\n${script}\n`);
  writeFileSync(join(folder, 'bin/docker'), `#!/bin/sh\necho "docker $1" >>'${log}'\n${docker}\n`);
  chmodSync(join(folder, 'bin/docker'), 0o755);
  const environment = { PATH: `${folder}/bin:${process.env.PATH}` };
  const commands = commandsOf({ environment, signal: new AbortController().signal });
  await untilHealthy(commands, { of: (name) => join(folder, `${name}.sh`) }, host, container, timeoutMs, 300);
  return readFileSync(log, 'utf8').split('\n').slice(0, -1);
}

it('is over as soon as the script says so, and the daemon is not asked', async () => {
  expect(await waiting('exit 0', 'exit 1')).toEqual(['script --wait']);
});

it('goes on where it takes long and the daemon is there', async () => {
  const slowly = `[ -e '${folder}/late' ] && exit 0; touch '${folder}/late'; sleep 60`;
  expect(await waiting(slowly, 'echo 28.0')).toEqual(['script --wait', 'docker version', 'script --wait']);
});

it('ends early where no daemon answers, and says so', async () => {
  const gone = 'echo "Cannot connect to the Docker daemon at unix:///run/x.sock." >&2; exit 1';
  await expect(waiting('sleep 60', gone)).rejects.toThrow('Cannot connect to the Docker daemon');
});

it('says that the service is not healthy where its time is over', async () => {
  await expect(waiting('sleep 60', 'echo 28.0', 600)).rejects.toThrow('postfix is not healthy');
});
