// All that containers have said, those too that are gone: bin/docker keeps what it removes.

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { docker, tryRun } from './run.ts';

/** Lines of the container of now and of those that had its name before, both streams; `since`: RFC 3339, in UTC. */
export async function saidBy(
  container: string,
  folder: string,
  since = '1970-01-01T00:00:00Z',
): Promise<readonly string[]> {
  const path = join(folder, `${container}.log`);
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const exists = await docker(['ps', '--all', '--quiet', '--filter', `name=^/${container}$`]);
  const now = exists === '' ? '' : await logs(container);
  // Docker's times have nine digits behind the second, which the Z would be greater than.
  const begin = since.replace(/Z$/, '');
  return `${before}\n${now}`.split('\n').flatMap((line) => {
    const [, time = '', said = ''] = /^(\d{4}-\S+Z) (.*)$/.exec(line) ?? [];
    return time >= begin && said !== '' ? [said] : [];
  });
}

async function logs(container: string): Promise<string> {
  const { code, stdout, stderr } = await tryRun(['docker', 'logs', '--timestamps', container]);
  if (code !== 0) throw new Error(`the log of ${container} cannot be read: ${stderr}`);
  return `${stdout}\n${stderr}`;
}

/** For bin/docker, in which the folder is made. */
export function logsEnvironment(folder: string): Readonly<Record<string, string>> {
  mkdirSync(folder, { recursive: true });
  return { MAILC_E2E_LOGS: folder };
}
