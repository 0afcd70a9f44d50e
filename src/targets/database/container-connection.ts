/** The database in a container of this host, with no port published: plan and apply reach it through Docker. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerName } from '../../apply/runtime.ts';
import type { Host } from '../../model/mail-system.ts';
import { volumeFolder } from '../../render/host-layout.ts';
import { commandsOf } from '../runtime/commands.ts';
import { ownContainer } from '../runtime/own-container.ts';
import { prepared } from './connect.ts';
import { ContainerSocket } from './container-socket.ts';
import { databaseTarget, type OpenDatabaseTarget } from './database-target.ts';
import { type OpenConnection, reopened } from './reopened-session.ts';
import { connectClient } from './server-session.ts';

export interface ContainerDatabase {
  readonly host: Host;
  /** The host's own root folder: `/` on the host itself. */
  readonly root: string;
  readonly container: ContainerName;
  /** `database.name` of mail.yaml. */
  readonly database: string;
  /**
   * The superuser's, for a server that asks for one even inside its container; null when there is none yet. Images of
   * Postgres do not ask there.
   */
  readonly password: () => string | null;
  /** What the docker command reads, such as PATH and DOCKER_HOST. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Nothing is opened before it is needed, and a connection that broke, such as one of a container that was restarted
 * since, is opened again by whatever comes next; never within a transaction.
 */
export function openContainerDatabase(options: ContainerDatabase): OpenDatabaseTarget {
  const { container } = options;
  const session = reopened(() => connectInto(options));
  const target = databaseTarget({ session, name: nameOf(options), password: null });
  const fresh =
    <A extends readonly unknown[], T>(action: (...given: A) => Promise<T>) =>
    async (...given: A): Promise<T> => {
      await session.open();
      return action(...given);
    };
  return {
    ...target,
    container,
    presence: () => databaseOnHost(options),
    lock: fresh(target.lock),
    read: fresh(target.read),
    sync: fresh(target.sync),
    restore: fresh(target.restore),
    history: fresh(target.history),
  };
}

/** `absent`: the volume holds no database. `stopped`: it does, and its container does not run. */
async function databaseOnHost({
  host,
  root,
  container,
  environment,
}: Omit<ContainerDatabase, 'database' | 'password'>): Promise<'absent' | 'stopped' | 'running'> {
  if (!existsSync(join(root, volumeFolder(host, 'postgres'), 'PG_VERSION'))) return 'absent';
  const commands = commandsOf({ environment, signal: new AbortController().signal });
  const found = await ownContainer(commands, host.name, container);
  return found?.running === true ? 'running' : 'stopped';
}

async function connectInto(options: ContainerDatabase): Promise<OpenConnection> {
  const { container, database, environment, password } = options;
  const { default: pg } = await import('pg');
  const secret = password();
  const sockets: ContainerSocket[] = [];
  const make = () =>
    new pg.Client({
      stream: () => {
        const socket = new ContainerSocket({
          ...{ container: container.name, port: 5432, user: 'postgres', environment },
        });
        sockets.push(socket);
        return socket;
      },
      // Outright, since variables such as PGSSLMODE are about another server.
      ...{ host: '127.0.0.1', port: 5432, user: 'postgres', database, ssl: false },
      ...(secret === null ? {} : { password: secret }),
      application_name: 'mailc',
      connectionTimeoutMillis: 15_000,
    });
  const client = make();
  const [socket] = sockets;
  const connected = await connectClient(client, make, nameOf(options));
  return { ...(await prepared(connected)), isBroken: () => socket === undefined || socket.destroyed };
}

function nameOf({ database, container }: ContainerDatabase): string {
  return `database ${database} in the container ${container.name}`;
}
