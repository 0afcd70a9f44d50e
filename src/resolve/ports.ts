/** The published ports of a host: the top-level ones, its own before them, and only those that something answers. */
import type { Host, PortName, ServiceName } from '../model/mail-system.ts';
import { portNames } from '../model/mail-system.ts';
import type { MailYaml, WrittenHost } from '../model/mail-yaml.generated.ts';
import type { Path } from '../model/position.ts';
import type { Scope } from './scope.ts';

/** The service that answers on a port, and the port's number unless mail.yaml says otherwise (IANA). */
const clientPorts: Readonly<Record<PortName, { readonly service: ServiceName; readonly number: number }>> = {
  imap: { service: 'dovecot', number: 143 },
  imaps: { service: 'dovecot', number: 993 },
  pop3: { service: 'dovecot', number: 110 },
  pop3s: { service: 'dovecot', number: 995 },
  sieve: { service: 'dovecot', number: 4190 },
  smtp: { service: 'postfix', number: 25 },
  submission: { service: 'postfix', number: 587 },
  submissions: { service: 'postfix', number: 465 },
};

export function portsOf(
  config: MailYaml,
  host: WrittenHost,
  hostPath: Path,
  services: readonly ServiceName[],
  scope: Scope,
): Host['ports'] {
  const ports = {} as Record<PortName, number | null>;
  for (const name of portNames) {
    const { service, number } = clientPorts[name];
    const own = host.ports?.[name];
    const runs = services.includes(service);
    if (!runs && typeof own === 'number') {
      scope.warning(
        'port-without-service',
        scope.at([...hostPath, 'ports', name]),
        `port "${name}" is not published: ${service} does not run on this host`,
      );
    }
    const written = own ?? config.ports?.[name] ?? number;
    ports[name] = runs && typeof written === 'number' ? written : null;
  }
  return ports;
}
