/** What follows `docker run`, once for every way of starting the container: one entry a line of the script. */
import type { Container, Healthcheck } from '../../src/model/container.ts';
import { shellCommand } from '../../src/render/escape/shell.ts';
import { sha256 } from '../../src/render/manifest.ts';
import { mountOption } from './mount-option.ts';

export interface RunArguments {
  /** Hex; the same exactly as long as a running container need not be replaced. */
  readonly definition: string;
  /** Each an option with its value. */
  readonly options: readonly (readonly string[])[];
  /** The image and what runs in it. */
  readonly command: readonly string[];
}

/** `network` is the name of the Docker network. */
export function runArguments(container: Container, network: string): RunArguments {
  const {
    name,
    host,
    service,
    image,
    hostname,
    command,
    environment,
    mounts,
    ports,
    capabilities,
    tmpfs,
    readOnly,
    init,
    healthcheck,
    stopTimeout,
    after: _after, // for whoever starts several
    reload: _reload, // for whoever changes the configuration
    check: _check, // likewise
    source: _source,
    ...rest
  } = container;
  rest satisfies Record<string, never>;

  const options = [
    ['--name', name],
    ['--hostname', hostname],
    ['--network', network],
    // A start needs no registry, and an image that is not there is an error: `mailc/…` on a public registry
    // would be somebody else's.
    ['--pull', 'never'],
    ['--cap-drop', 'ALL'],
    ...capabilities.map((capability) => ['--cap-add', capability]),
    ['--security-opt', 'no-new-privileges'],
    ...(init ? [['--init']] : []),
    ...(readOnly ? [['--read-only']] : []),
    ...tmpfs.map((path) => ['--tmpfs', path]),
    ...environment.map(([variable, value]) => ['--env', `${variable}=${value}`]),
    ...mounts.map((mount) => ['--mount', mountOption(mount)]),
    // Without an address in front, Docker listens on IPv4 and IPv6.
    ...ports.map((port) => ['--publish', `${port.host}:${port.container}`]),
    ...healthOptions(healthcheck),
    ['--stop-timeout', String(stopTimeout)],
    // Of bounded size, unlike Docker's default.
    ['--log-driver', 'local'],
    ['--label', `mailc.host=${host}`],
    ['--label', `mailc.service=${service}`],
  ];
  const definition = sha256(JSON.stringify([options, image, command]));
  return {
    definition,
    options: [...options, ['--label', `mailc.definition=${definition}`]],
    command: [image, ...command],
  };
}

function healthOptions(healthcheck: Healthcheck): readonly (readonly string[])[] {
  const { command, interval, timeout, startPeriod, retries, ...rest } = healthcheck;
  rest satisfies Record<string, never>;
  return [
    // Read by a shell inside the container.
    ['--health-cmd', shellCommand(command)],
    ['--health-interval', `${interval}s`],
    ['--health-timeout', `${timeout}s`],
    ['--health-start-period', `${startPeriod}s`],
    ['--health-retries', String(retries)],
  ];
}
