/** What a plan compares, built in one place for both sides: equal things must be spelled equally. */
import type { Effect } from '../model/artifact.ts';
import type { Container } from '../model/container.ts';
import type { PortName, ServiceName } from '../model/mail-system.ts';
import type { Attribute, Resource, ResourceKind } from '../model/plan.ts';
import type { Position } from '../model/position.ts';
import type { AliasRow, DatabaseRows, DomainRow, UserRow } from '../model/rows.ts';

/** Tables, views and roles; none while the database has not been migrated even once. */
export function schemaResources(version: number): readonly Resource[] {
  return version === 0 ? [] : [resource('schema', 'mail', null, { version })];
}

export function domainResource(row: DomainRow): Resource {
  return resource('domain', row.domain, row.source, {
    alias_of: row.aliasOf,
    catch_all: sorted(row.catchAll),
  });
}

/** The address is an attribute too, so that a move shows as a change of it. */
export function userResource(row: UserRow): Resource {
  const address = `${row.name}@${row.domain}`;
  const attributes = {
    address,
    password: { redacted: row.password },
    quota: row.quota,
    enabled: row.enabled,
    send_as: sorted(row.sendAs),
  };
  const movedFrom = row.movedFrom === null ? null : `user/${row.movedFrom}`;
  return { ...resource('user', address, row.source, attributes), movedFrom };
}

export function aliasResource(row: AliasRow): Resource {
  return resource('alias', `${row.name}@${row.domain}`, row.source, {
    destinations: sorted(row.destinations),
  });
}

/** Everything in the database, domains first. */
export function rowResources(rows: DatabaseRows): readonly Resource[] {
  return [
    ...rows.domains.map(domainResource),
    ...rows.users.map(userResource),
    ...rows.aliases.map(aliasResource),
  ];
}

export interface HostFile {
  readonly host: string;
  /** Below the host, with forward slashes: `postfix/main.cf`. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  /** As compiled: where the host's file has a secret, this has `${secret:NAME}`. */
  readonly text: string;
  /** Null where it is not known, as for a file that no artifact stands for. */
  readonly effect: Effect | null;
  readonly source: Position | null;
}

/** A file below the unit `systemd` is a `unit/…`, any other a `file/…`. */
export function fileResource(file: HostFile): Resource {
  const inSystemd = file.path.startsWith('systemd/');
  const [kind, path]: [ResourceKind, string] = inSystemd
    ? ['unit', file.path.slice('systemd/'.length)]
    : ['file', file.path];
  const attributes = { content: { text: file.text }, mode: `0${file.mode.toString(8)}` };
  return { ...resource(kind, `${file.host}/${path}`, file.source, attributes), effect: file.effect };
}

/** The records that a domain should publish. */
export function zoneResource(domain: string, text: string, source: Position | null): Resource {
  return resource('dns', domain, source, { content: { text } });
}

const portServices: Readonly<Record<PortName, ServiceName>> = {
  imap: 'dovecot',
  imaps: 'dovecot',
  pop3: 'dovecot',
  pop3s: 'dovecot',
  sieve: 'dovecot',
  smtp: 'postfix',
  submission: 'postfix',
  submissions: 'postfix',
};

/** A port that clients reach; one that is not published has no resource. */
export function portResource(host: string, name: PortName, port: number, source: Position | null): Resource {
  return resource('port', `${host}/${name}`, source, { port, service: portServices[name] });
}

export function containerResource(container: Container): Resource {
  const { host, name, source, ...rest } = container;
  return resource('container', `${host}/${name}`, source, {
    service: rest.service,
    image: rest.image,
    hostname: rest.hostname,
    command: rest.command,
    environment: rest.environment.map(([variable, value]) => `${variable}=${value}`),
    mounts: rest.mounts.map((mount) => `${mount.from}:${mount.to}${mount.readOnly ? ':ro' : ''}`),
    ports: rest.ports.map((port) => `${port.host}:${port.container}`),
    capabilities: rest.capabilities,
    tmpfs: rest.tmpfs,
    read_only: rest.readOnly,
    init: rest.init,
    health_command: rest.healthcheck.command,
    health_interval: rest.healthcheck.interval,
    health_timeout: rest.healthcheck.timeout,
    health_start_period: rest.healthcheck.startPeriod,
    health_retries: rest.healthcheck.retries,
    after: rest.after,
    reload: rest.reload,
    stop_timeout: rest.stopTimeout,
  });
}

/** The order of addresses means nothing, and each side may have its own. */
function sorted(addresses: readonly string[]): readonly string[] {
  return addresses.length < 2 ? addresses : [...addresses].sort();
}

function resource(
  kind: ResourceKind,
  name: string,
  source: Position | null,
  attributes: Readonly<Record<string, Attribute>>,
): Resource {
  return { kind, address: `${kind}/${name}`, attributes, source, effect: null, movedFrom: null };
}
