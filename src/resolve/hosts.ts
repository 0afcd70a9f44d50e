/** Hosts: names, addresses, what runs on each, certificates, folders and published ports. */

import { quote } from '../diagnostics/quote.ts';
import type { Host, ServiceName } from '../model/mail-system.ts';
import { serviceNames } from '../model/mail-system.ts';
import type { MailYaml, WrittenHost } from '../model/mail-yaml.generated.ts';
import type { Path } from '../model/position.ts';
import { byName } from './by-name.ts';
import { dataOf } from './data-folder.ts';
import { parseDomainName } from './domain-name.ts';
import { hostAddresses } from './host-addresses.ts';
import { likeness } from './likeness.ts';
import { portsOf } from './ports.ts';
import type { Scope } from './scope.ts';
import { tlsOf } from './tls.ts';

/** `needed` are the services that the rest of mail.yaml has work for: no other is started anywhere. */
export function resolveHosts(
  config: MailYaml,
  needed: ReadonlySet<ServiceName>,
  scope: Scope,
): readonly Host[] {
  const hosts = new Map<string, { readonly key: string; readonly host: Host }>();
  for (const [key, written] of Object.entries(config.hosts ?? {})) {
    const path = ['hosts', key];
    const source = scope.at(path, 'key');
    const name = hostName(key, path, scope);
    const services = servicesOf(written, path, needed, scope);
    const host: Host = {
      name: name ?? '',
      addresses: hostAddresses(written.addresses, [...path, 'addresses'], scope),
      services,
      tls: speaksTls(services) ? tlsOf(written, path, scope) : null,
      data: dataOf(written, path, scope),
      supervisor: written.supervisor ?? 'systemd',
      ports: portsOf(config, written, path, services, scope),
      source,
    };
    const first = hosts.get(host.name);
    if (name !== null && first !== undefined) {
      scope.error('duplicate-host', source, `host ${quote(key)} is defined twice`, {
        hint: likeness(key, first.key),
        related: [{ message: 'first defined here', position: first.host.source }],
      });
    } else if (name !== null) {
      hosts.set(name, { key, host });
    }
  }
  return [...hosts.values()].map(({ host }) => host).sort(byName);
}

/** sethostname(2) takes 64 octets, and a container's name (service, hyphen, first label) must be a DNS label. */
function hostName(key: string, path: Path, scope: Scope): string | null {
  const { value: name, problem } = parseDomainName(key);
  if (problem !== null) {
    scope.error('domain-malformed', scope.at(path, 'key'), `host ${quote(key)} is malformed: ${problem}`);
    return null;
  }
  if (name.length > 64 || name.indexOf('.') > 50) {
    scope.error(
      'host-name-too-long',
      scope.at(path, 'key'),
      `host name ${quote(key)} is too long: 64 octets in all, and 50 before the first dot, are the most`,
    );
    return null;
  }
  return name;
}

function servicesOf(
  written: WrittenHost,
  path: Path,
  needed: ReadonlySet<ServiceName>,
  scope: Scope,
): readonly ServiceName[] {
  for (const [index, service] of (written.services ?? []).entries()) {
    if (needed.has(service)) continue;
    scope.warning(
      'service-unused',
      scope.at([...path, 'services', index]),
      `service "${service}" does not run: ${reasonsUnused[service] ?? 'nothing needs it'}`,
    );
  }
  const listed: readonly ServiceName[] = written.services ?? serviceNames;
  return serviceNames.filter((service) => listed.includes(service) && needed.has(service));
}

const reasonsUnused: Partial<Record<ServiceName, string>> = {
  amavis: 'both "spam.enabled" and "virus.enabled" are false',
  clamav: '"virus.enabled" is false',
  opendkim: 'no domain is signed',
};

function speaksTls(services: readonly ServiceName[]): boolean {
  return services.includes('dovecot') || services.includes('postfix');
}
