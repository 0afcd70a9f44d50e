/** A live host's containers, as apply sees them: read, checked, started, reloaded, restarted and stopped. */
import type { ContainerName, Runtime, RuntimeAction } from '../../apply/runtime.ts';
import { error } from '../../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../../diagnostics/diagnostic-error.ts';
import type { Host } from '../../model/mail-system.ts';
import { checkConfiguration } from './check-configuration.ts';
import { type Commands, commandsOf, whyItEnded } from './commands.ts';
import { dockerSupervisor } from './docker-supervisor.ts';
import { untilHealthy } from './health.ts';
import { type HostScripts, hostScripts } from './host-scripts.ts';
import { makeNetwork } from './network.ts';
import { readContainers } from './read-containers.ts';
import { swarmManagerAway } from './swarm-manager.ts';
import { systemdSupervisor } from './systemd-supervisor.ts';
import {
  hasInstalledUnits,
  hasWantedUnits,
  installUnits,
  readUnits,
  startTarget,
  unitFolders,
} from './systemd-units.ts';

export interface RuntimeOptions {
  readonly host: Host;
  /** `network.name` of mail.yaml. */
  readonly networkName: string;
  /** Whether that network is of several hosts. */
  readonly spansHosts: boolean;
  /** The host's own root folder: `/` on the host itself. */
  readonly root: string;
  /** What the docker command reads, such as PATH and DOCKER_HOST. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Ends what runs; whoever may not be interrupted in the middle of an action passes a signal that is never given. */
  readonly signal: AbortSignal;
  /** The values of the host's secrets, which nothing that a program says may carry into a message. */
  readonly secrets: () => Iterable<string>;
  /** Told of what an action does beside what it was asked for: one line, safe to print. */
  readonly onNotice: (line: string) => void;
}

export function openRuntime(options: RuntimeOptions): Runtime {
  const { host, root, environment, signal, secrets, onNotice } = options;
  const commands = commandsOf({ environment, signal });
  const scripts = hostScripts(root, host);
  const folders = unitFolders(root, host);
  // Not what mail.yaml says: an apply that fails acts once more when the generation before is back.
  const supervised = () => hasWantedUnits(folders);
  const supervisor = () => (supervised() ? systemdSupervisor : dockerSupervisor)(commands, scripts, host);
  const read = () => readContainers(commands, host.name);
  return {
    readContainers: read,
    readUnits: () => readUnits(commands, folders),
    check: (container, folder) =>
      checkConfiguration(container, folder, { environment, signal, secrets: secrets() }),
    startable: async () => (options.spansHosts ? swarmManagerAway(commands) : []),
    act: async (action: RuntimeAction) => {
      switch (action.kind) {
        case 'network':
          return makeNetwork({
            commands,
            scripts,
            network: options.networkName,
            readContainers: read,
            stop: (container) => supervisor().stop(container),
            onNotice,
          });
        case 'units':
          // Those of a host that had systemd as its supervisor before go too.
          return supervised() || hasInstalledUnits(folders) ? installUnits(commands, folders) : undefined;
        case 'target':
          return supervised() ? startTarget(commands, folders) : undefined;
        case 'reload':
          return reload(commands, scripts, host, action.container);
        default:
          return supervisor()[action.kind](action.container);
      }
    },
  };
}

async function reload(
  commands: Commands,
  scripts: HostScripts,
  host: Host,
  container: ContainerName,
): Promise<void> {
  const { name } = container;
  if (container.reload === null) throw new Error(`${name} has no command to reload`);
  const ended = await commands.docker(['exec', name, ...container.reload]);
  if (ended.code !== 0) {
    throw new DiagnosticError(
      error('reload-refused', null, `${name} does not reread its configuration: ${whyItEnded(ended)}`, {
        hint: `docker logs --tail 50 ${name}`,
      }),
    );
  }
  await untilHealthy(commands, scripts, host, container);
}
