/** Runs the containers of a host with `supervisor: systemd`: each is a unit, which runs the container's script. */
import { error } from '../../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../../diagnostics/diagnostic-error.ts';
import type { Host } from '../../model/mail-system.ts';
import { type Commands, whyItEnded } from './commands.ts';
import { untilHealthy } from './health.ts';
import type { HostScripts } from './host-scripts.ts';
import { ownContainer, removeOwnContainer } from './own-container.ts';
import type { Supervisor } from './supervisor.ts';

/** Units have time limits of their own, made of the healthcheck's times: Postgres' and ClamAV's are the longest. */
const twentyMinutes = 1_200_000;
/** Starting a unit waits until its container is healthy, or gives up; it has had its time then. */
const aMoment = 15_000;
/** systemctl(1), "Exit status": no such unit. */
const notLoaded = 5;

export function systemdSupervisor(commands: Commands, scripts: HostScripts, host: Host): Supervisor {
  return {
    start: async (container) => {
      const found = await ownContainer(commands, host.name, container);
      const unit = unitOf(container.service);
      // Started by hand or by Docker's restart policy, it would hold the name, and its ports.
      const active = (await commands.systemctl(['is-active', '--quiet', unit])).code === 0;
      if (found !== null && !active) await removeOwnContainer(commands, host.name, container);
      await begin(commands, 'start', unit);
      await untilHealthy(commands, scripts, host, container, aMoment);
    },
    restart: async (container) => {
      await ownContainer(commands, host.name, container);
      await begin(commands, 'restart', unitOf(container.service));
      await untilHealthy(commands, scripts, host, container, aMoment);
    },
    stop: async ({ name, service }) => {
      const ended = await commands.systemctl(['stop', unitOf(service)], twentyMinutes);
      if (ended.code !== 0 && ended.code !== notLoaded) {
        throw new DiagnosticError(error('systemd-failed', null, `systemctl stop: ${whyItEnded(ended)}`));
      }
      await removeOwnContainer(commands, host.name, { name, service });
    },
  };
}

async function begin(commands: Commands, verb: 'start' | 'restart', unit: string): Promise<void> {
  const ended = await commands.systemctl([verb, unit], twentyMinutes);
  if (ended.code === 0) return;
  throw new DiagnosticError(
    error('container-not-started', null, `${unit} cannot be started: ${whyItEnded(ended)}`, {
      hint: `journalctl --unit ${unit} --lines 50`,
    }),
  );
}

function unitOf(service: string): string {
  return `mail-${service}.service`;
}
