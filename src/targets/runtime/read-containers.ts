/** The containers that mailc has made on this host: `docker ps` lists them, `docker inspect` knows restart policies. */
import type { LiveContainer } from '../../apply/runtime.ts';
import type { Commands } from './commands.ts';

const format = '{{.Names}}\t{{.Label "mailc.service"}}\t{{.Label "mailc.definition"}}\t{{.State}}';
const policyFormat = '{{.Name}}\t{{.HostConfig.RestartPolicy.Name}}';

/** Running or not; sorted by name. */
export async function readContainers(
  { docker, dockerOrFail }: Commands,
  host: string,
): Promise<readonly LiveContainer[]> {
  const filter = `label=mailc.host=${host}`;
  const listed = await dockerOrFail(['ps', '--all', '--no-trunc', '--filter', filter, '--format', format]);
  const containers = listed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', service = '', definition = '', state = ''] = line.split('\t');
      return { name, service, definition: definition || null, running: state === 'running' };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (containers.length === 0) return [];
  const names = containers.map(({ name }) => name);
  // One that has gone since is no reason to fail: a unit may be about to replace it.
  const { stdout } = await docker(['container', 'inspect', '--format', policyFormat, ...names]);
  const keptByDocker = new Set(stdout.split('\n'));
  return containers.map((container) => ({
    ...container,
    supervisor: keptByDocker.has(`/${container.name}\tunless-stopped`) ? 'docker' : 'systemd',
  }));
}
