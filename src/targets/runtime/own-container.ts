/** Finds the one container that an action is about, and keeps the hands off those of others. */
import type { ContainerName, LiveContainer } from '../../apply/runtime.ts';
import { error } from '../../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../../diagnostics/diagnostic-error.ts';
import type { Commands } from './commands.ts';

export interface OwnContainer {
  readonly id: string;
  readonly running: boolean;
  /** Of its latest start; as Docker prints it. */
  readonly startedAt: string;
}

// Of a label that is missing some versions of the docker command print `<no value>`.
const label = (name: string) => `{{with index .Config.Labels "${name}"}}{{.}}{{end}}`;
const format = [
  '{{.ID}}',
  '{{.State.Running}}',
  '{{.State.StartedAt}}',
  label('mailc.host'),
  label('mailc.service'),
].join('\t');

/**
 * Null when there is none of that name. Throws DiagnosticError for one that mailc did not make for this service of
 * this host: it has the name, and is not ours to replace.
 */
export async function ownContainer(
  commands: Commands,
  host: string,
  container: ContainerName,
): Promise<OwnContainer | null> {
  const found = await findContainer(commands, container.name);
  if (found === null) return null;
  if (found.host === host && found.service === container.service) return found;
  const whose = found.host === '' ? 'mailc did not make' : `is the service ${found.service} of ${found.host}`;
  throw new DiagnosticError(
    error('container-foreign', null, `there is a container "${container.name}" that ${whose}`, {
      hint: `docker rename ${container.name} ${container.name}-old`,
    }),
  );
}

/** Stops and removes it, and no other; false when there is none that is ours. Its volumes stay. */
export async function removeOwnContainer(
  commands: Commands,
  host: string,
  { name, service }: Pick<LiveContainer, 'name' | 'service'>,
): Promise<boolean> {
  const found = await findContainer(commands, name);
  if (found === null || found.host !== host || found.service !== service) return false;
  // By its id: another one may take the name at any time. One that was started with --rm goes by itself.
  await commands.docker(['stop', found.id]);
  await commands.docker(['rm', '--force', found.id]);
  const left = await commands.dockerOrFail([
    'ps',
    '--all',
    '--quiet',
    '--no-trunc',
    '--filter',
    `id=${found.id}`,
  ]);
  if (left.trim() !== '') {
    throw new DiagnosticError(
      error('docker-failed', null, `the container "${name}" could not be removed`, {
        hint: `docker rm --force ${name}`,
      }),
    );
  }
  return true;
}

async function findContainer(
  { docker }: Commands,
  name: string,
): Promise<(OwnContainer & { readonly host: string; readonly service: string }) | null> {
  const { code, stdout } = await docker(['container', 'inspect', '--format', format, name]);
  if (code !== 0) return null;
  const [id = '', running = '', startedAt = '', host = '', service = ''] = stdout
    .replace(/\n$/, '')
    .split('\t');
  return { id, running: running === 'true', startedAt, host, service };
}
