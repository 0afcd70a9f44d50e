/** Runs the containers of a host with `supervisor: docker`: in the background, kept up by Docker. */
import type { ContainerName } from '../../apply/runtime.ts';
import { error } from '../../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../../diagnostics/diagnostic-error.ts';
import type { Host } from '../../model/mail-system.ts';
import { type Commands, whyItEnded } from './commands.ts';
import { untilHealthy } from './health.ts';
import type { HostScripts } from './host-scripts.ts';
import { ownContainer, removeOwnContainer } from './own-container.ts';
import type { Supervisor } from './supervisor.ts';

/** Stopping the one before it takes a minute at most, for Postgres. */
const fiveMinutes = 300_000;

export function dockerSupervisor(commands: Commands, scripts: HostScripts, host: Host): Supervisor {
  /** The script leaves a container that runs as it describes alone, and replaces any other. */
  const detach = async ({ name, service }: ContainerName): Promise<void> => {
    const ended = await commands.script(scripts.of(service), ['--detach'], fiveMinutes);
    if (ended.code === 0) return;
    throw new DiagnosticError(
      error('container-not-started', null, `${name} cannot be started: ${whyItEnded(ended)}`),
    );
  };
  return {
    start: async (container) => {
      await ownContainer(commands, host.name, container);
      await detach(container);
      await untilHealthy(commands, scripts, host, container);
    },
    restart: async (container) => {
      const before = await ownContainer(commands, host.name, container);
      await detach(container);
      const after = await ownContainer(commands, host.name, container);
      const untouched = before?.running && after?.id === before.id && after.startedAt === before.startedAt;
      // Docker waits as long as the container's own --stop-timeout says.
      if (untouched) await commands.dockerOrFail(['restart', before.id], fiveMinutes);
      await untilHealthy(commands, scripts, host, container);
    },
    stop: async ({ name, service }) => {
      await removeOwnContainer(commands, host.name, { name, service });
    },
  };
}
