/** Has a service's own program judge a staged configuration, in its image, with nothing running touched. */
import { randomUUID } from 'node:crypto';
import { mountOption } from '../../../renderers/docker/mount-option.ts';
import { type Diagnostic, error } from '../../diagnostics/diagnostic.ts';
import { printable } from '../../diagnostics/format/printable.ts';
import type { Container } from '../../model/container.ts';
import { configurationFolder } from '../../render/host-layout.ts';
import { commandsOf, whyItEnded } from './commands.ts';
import type { Ended, ProgramOptions } from './run-program.ts';

export interface CheckOptions extends Omit<ProgramOptions, 'timeoutMs'> {
  /** What may not be shown. */
  readonly secrets: Iterable<string>;
}

const timeoutMs = 60_000;
/** Docker's own failures, such as an image that is not there: docker-run(1), "Exit status". */
const notRun = 125;
const shownLines = 10;

/**
 * `folder` is the generation's. The container has the rights of the real one, its certificates, and fresh memory in
 * place of its volumes; no network, no port, no name. Empty when the service accepts, and when it has no checker.
 */
export async function checkConfiguration(
  container: Container,
  folder: string,
  options: CheckOptions,
): Promise<readonly Diagnostic[]> {
  if (container.check === null) return [];
  const label = `mailc.check=${randomUUID()}`;
  const { docker } = commandsOf(options);
  const removeLeftover = () => removeLabelled(label, options);
  let ended: Ended;
  try {
    ended = await docker(['run', '--label', label, ...checkArguments(container, folder)], timeoutMs);
  } catch (cause) {
    await removeLeftover();
    throw cause;
  }
  if (ended.timedOut) await removeLeftover();
  return ended.code === 0 ? [] : refusals(container, ended, options.secrets);
}

/** What follows the label in `docker run`. */
export function checkArguments(container: Container, folder: string): readonly string[] {
  const { image, hostname, capabilities, tmpfs, readOnly, environment, mounts, check } = container;
  const configuration = { from: folder, to: configurationFolder, readOnly: true };
  const others = mounts.filter(({ to }) => to !== '/etc/mailc');
  // Certificates are mounted below /etc; what services keep never is.
  const files = others.filter((mount) => mount.readOnly && mount.to.startsWith('/etc/'));
  const volumes = others.filter((mount) => !files.includes(mount)).map(({ to }) => to);
  return [
    ...['--rm', '--network', 'none', '--pull', 'never', '--hostname', hostname],
    ...['--cap-drop', 'ALL', ...capabilities.flatMap((capability) => ['--cap-add', capability])],
    ...['--security-opt', 'no-new-privileges', ...(readOnly ? ['--read-only'] : [])],
    ...['--no-healthcheck', '--log-driver', 'none'],
    ...[...new Set([...tmpfs, ...volumes])].flatMap((path) => ['--tmpfs', path]),
    ...environment.flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ...[configuration, ...files].flatMap((mount) => ['--mount', mountOption(mount)]),
    image,
    ...(check ?? []),
  ];
}

/** A line of the checker is a diagnostic; files are named as in out/. */
function refusals(
  { host, service, image }: Container,
  ended: Ended,
  secrets: Iterable<string>,
): readonly Diagnostic[] {
  const text = conceal(`${ended.stdout}\n${ended.stderr}`, secrets);
  if (ended.code === notRun && /no such image|unable to find image/i.test(text)) {
    return [
      error('image-missing', null, `${service} of ${host} needs the image "${image}", which is not there`),
    ];
  }
  const lines = text
    .split('\n')
    .map((line) => printable(line.trim().replaceAll(`${configurationFolder}/`, `${host}/${service}/`)))
    .filter((line) => line !== '');
  const said = lines.length > 0 ? [...new Set(lines)] : [whyItEnded(ended)];
  return said
    .slice(0, shownLines)
    .map((line) => error('check-refused', null, `${service} of ${host} refuses its configuration: ${line}`));
}

/** Line by line too: a key has several. */
function conceal(text: string, secrets: Iterable<string>): string {
  let concealed = text;
  for (const secret of secrets) {
    for (const piece of [secret, ...secret.split('\n')]) {
      if (piece.trim().length >= 6) concealed = concealed.replaceAll(piece, '***');
    }
  }
  return concealed;
}

/** Killing the docker command leaves the container running. */
async function removeLabelled(label: string, { environment }: CheckOptions): Promise<void> {
  const { docker } = commandsOf({ environment, signal: new AbortController().signal });
  const { stdout } = await docker(['ps', '--all', '--quiet', '--filter', `label=${label}`]);
  const ids = stdout.split('\n').filter((id) => id !== '');
  if (ids.length > 0) await docker(['rm', '--force', ...ids]);
}
