/** Decides who reaches whom: for each host and role, the container and port that answer. */
import { type Endpoint, type Endpoints, type Role, roles } from '../model/endpoint.ts';
import type { Host, ServiceName } from '../model/mail-system.ts';

/** Which service plays a role, and on which port inside the mail network. None of these is ever published. */
const providers: Readonly<Record<Role, { readonly service: ServiceName; readonly port: number }>> = {
  amavis: { service: 'amavis', port: 10024 },
  clamd: { service: 'clamav', port: 3310 },
  database: { service: 'postgres', port: 5432 },
  lmtp: { service: 'dovecot', port: 24 },
  milter: { service: 'opendkim', port: 8891 },
  'quota-status': { service: 'dovecot', port: 12340 },
  reinjection: { service: 'postfix', port: 10025 },
  sasl: { service: 'dovecot', port: 12345 },
  'virus-milter': { service: 'clamav', port: 7357 },
};

type Place = Pick<Host, 'name' | 'services'>;

/**
 * `hosts` sorted by name. A consumer gets the provider on its own host, else the one on the first host
 * that has it; the same hosts always give the same endpoints.
 */
export function endpointsOf(hosts: readonly Place[]): Endpoints {
  const firstProvider = new Map<ServiceName, Place>();
  for (const host of hosts) {
    for (const service of host.services) {
      if (!firstProvider.has(service)) firstProvider.set(service, host);
    }
  }
  const endpoint = (consumer: Place, role: Role): Endpoint | null => {
    const { service, port } = providers[role];
    const provider = consumer.services.includes(service) ? consumer : firstProvider.get(service);
    return provider === undefined ? null : { container: containerName(service, provider, hosts), port };
  };
  return Object.fromEntries(
    hosts.map((host) => [
      host.name,
      Object.fromEntries(roles.map((role) => [role, endpoint(host, role)])) as Record<Role, Endpoint | null>,
    ]),
  );
}

/**
 * The service's name where only one host runs it; else with the first label of the host, or the whole name
 * of the host where two hosts share that label.
 */
export function containerName(service: ServiceName, host: Place, hosts: readonly Place[]): string {
  const sharing = hosts.filter((other) => other.services.includes(service));
  if (sharing.length <= 1) return service;
  const label = firstLabel(host.name);
  const ambiguous = sharing.some((other) => other.name !== host.name && firstLabel(other.name) === label);
  return `${service}-${ambiguous ? host.name : label}`;
}

function firstLabel(name: string): string {
  return name.slice(0, name.indexOf('.'));
}
