/** The containers that mailc has made on this host, by one call of `docker ps`. */
import type { LiveContainer } from '../../apply/runtime.ts';
import type { Commands } from './commands.ts';

const format = '{{.Names}}\t{{.Label "mailc.service"}}\t{{.Label "mailc.definition"}}\t{{.State}}';

/** Running or not; sorted by name. */
export async function readContainers(
  { dockerOrFail }: Commands,
  host: string,
): Promise<readonly LiveContainer[]> {
  const filter = `label=mailc.host=${host}`;
  const listed = await dockerOrFail(['ps', '--all', '--no-trunc', '--filter', filter, '--format', format]);
  return listed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', service = '', definition = '', state = ''] = line.split('\t');
      return { name, service, definition: definition || null, running: state === 'running' };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
