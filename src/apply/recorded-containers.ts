/** The containers of a host as a record keeps them, to recognise later what was changed by hand. */
import { runArguments } from '../../renderers/docker/run-arguments.ts';
import type { Compiled } from '../compile.ts';
import { containerResource } from '../diff/resources.ts';
import type { RecordedContainer } from './targets.ts';

/** By name. */
export function recordedContainers(
  { system, containers }: Compiled,
  host: string,
): Readonly<Record<string, RecordedContainer>> {
  return Object.fromEntries(
    containers
      .filter((container) => container.host === host)
      .map((container) => [
        container.name,
        {
          definition: runArguments(container, system.network.name).definition,
          attributes: {
            ...containerResource(container).attributes,
            supervisor: system.hosts.find(({ name }) => name === host)?.supervisor ?? null,
          },
        },
      ]),
  );
}
