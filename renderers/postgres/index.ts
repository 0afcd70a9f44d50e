/**
 * PostgreSQL: the database of domains, users and aliases. Its schema and rows belong to no host, and are SQL
 * written by functions; a host that runs it gets a container.
 */
import type { Artifact } from '../../src/model/artifact.ts';
import type { Container } from '../../src/model/container.ts';
import type { Host, MailSystem } from '../../src/model/mail-system.ts';
import { configurationFolder, unitFolder, volumeFolder } from '../../src/render/host-layout.ts';
import type { ServiceRenderer } from '../../src/render/renderer.ts';
import { rowsOf } from '../../src/render/rows.ts';
import { containerName } from '../../src/resolve/endpoints.ts';
import { printSteps } from './print-steps.ts';
import { preamble, schemaSteps, syncSteps } from './sync-steps.ts';

export const postgres: ServiceRenderer = {
  name: 'postgres',
  render: (system) => {
    const hosts = system.hosts.filter(({ services }) => services.includes('postgres'));
    const role = system.database.role;
    return {
      artifacts: [
        sql('schema.sql', printSteps(schemaTitle, [...preamble, ...schemaSteps(role)])),
        sql('sync.sql', printSteps(syncTitle, syncSteps(rowsOf(system), role))),
        ...hosts.map((host) => superuserPassword(system, host)),
      ],
      containers: hosts.map((host) => containerOf(system, host)),
      diagnostics: [],
    };
  },
};

const schemaTitle = 'Tables, views and role, from any earlier version: what sync.sql begins with.';
const syncTitle = 'Brings the database from any earlier state to mail.yaml; run again, it writes nothing.';

const passwordFile = 'superuser-password';

/** Nothing runs on these files: whoever applies them does, `mailc apply` or psql. */
function sql(name: string, content: readonly string[]): Artifact {
  return {
    path: `database/${name}`,
    host: null,
    unit: null,
    mode: 0o644,
    content,
    effect: 'nothing',
    source: null,
  };
}

/**
 * Read only while the data folder is still empty, so a later change of it has no effect. The image puts what the file
 * holds into the environment of the server and leaves it there, so it is not the password itself.
 */
function superuserPassword(system: MailSystem, host: Host): Artifact {
  return {
    path: `${host.name}/postgres/${passwordFile}`,
    host: host.name,
    unit: 'postgres',
    mode: 0o600,
    content: [{ secret: system.database.superuserPasswordSecret, syntax: 'scram' }],
    effect: 'nothing',
    source: null,
  };
}

/** The contract of the official image: its entrypoint begins as root and goes on as postgres. */
function containerOf(system: MailSystem, host: Host): Container {
  const data = '/var/lib/postgresql/data';
  return {
    name: containerName('postgres', host, system.hosts),
    host: host.name,
    service: 'postgres',
    image: system.images.postgres,
    hostname: host.name,
    command: [],
    environment: [
      // Said outright, because images of PostgreSQL 18 and later have it elsewhere.
      ['PGDATA', data],
      ['POSTGRES_DB', system.database.name],
      ['POSTGRES_PASSWORD_FILE', `${configurationFolder}/${passwordFile}`],
      ['POSTGRES_USER', 'postgres'],
    ],
    mounts: [
      { from: unitFolder(host, 'postgres'), to: '/etc/mailc', readOnly: true },
      { from: volumeFolder(host, 'postgres'), to: data, readOnly: false },
    ],
    ports: [],
    capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'KILL', 'SETGID', 'SETUID'],
    tmpfs: ['/run/postgresql', '/tmp'],
    readOnly: true,
    init: true,
    healthcheck: {
      command: [
        'sh',
        '-c',
        // A server that is asked while it starts logs that as FATAL; what it writes into its file is free to read.
        // Then over TCP: while the image sets a new database up, a server listens on the socket only.
        `grep -qs '^ready' ${data}/postmaster.pid && pg_isready --quiet --host=127.0.0.1 --username=postgres`,
      ],
      interval: 10,
      timeout: 5,
      startPeriod: 60,
      retries: 5,
    },
    after: [],
    reload: null,
    check: null,
    stopTimeout: 60,
    source: host.source,
  };
}
