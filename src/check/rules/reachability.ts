/** Rules about how clients and other mail servers reach the hosts. */
import { type Diagnostic, error, warning } from '../../diagnostics/diagnostic.ts';
import { type Host, type PortName, portNames } from '../../model/mail-system.ts';
import type { Rule } from '../rule.ts';

/** Passwords cross the wire to both services, and neither offers a login without TLS. */
export const everyMailHostHasACertificate: Rule = ({ hosts }) =>
  hosts
    .filter((host) => host.tls === null && (runs(host, 'dovecot') || runs(host, 'postfix')))
    .map((host) =>
      error('tls-missing', host.source, `host "${host.name}" has no certificate, which mail clients need`, {
        hint: 'write "tls: { letsencrypt: NAME }", or "tls: { certificate: /PATH, key: /PATH }"',
      }),
    );

export const noPortIsPublishedTwice: Rule = ({ hosts }) =>
  hosts.flatMap((host) => {
    const taken = new Map<number, PortName>();
    return portNames.flatMap((name): readonly Diagnostic[] => {
      const number = host.ports[name];
      const other = number === null ? undefined : taken.get(number);
      if (number === null) return [];
      taken.set(number, name);
      if (other === undefined) return [];
      const message = `host "${host.name}" publishes port ${number} twice: as "${other}" and as "${name}"`;
      return [
        error('port-clash', host.source, message, { hint: 'give one of them another number, or false' }),
      ];
    });
  });

/** RFC 5321 section 4.5.4.2: an MX record has no port. */
export const otherServersReachPort25: Rule = ({ hosts }) => {
  const postfix = hosts.filter((host) => runs(host, 'postfix'));
  const [first] = postfix;
  if (first === undefined || postfix.some(({ ports }) => ports.smtp === 25)) return [];
  return [
    warning(
      'smtp-not-on-25',
      first.source,
      'no host publishes smtp on port 25, the only one that other servers try',
      {
        hint: 'write "smtp: 25" under "ports", unless something else passes port 25 on',
      },
    ),
  ];
};

export const mailHostsAreReachedOverIpv4: Rule = ({ hosts }) =>
  hosts
    .filter((host) => runs(host, 'postfix') && host.addresses.every((address) => address.includes(':')))
    .map((host) =>
      warning(
        'host-without-ipv4',
        host.source,
        `host "${host.name}" has IPv6 addresses only, which many mail servers cannot reach`,
      ),
    );

export const hostsHaveAddressesOfTheirOwn: Rule = ({ hosts }) => {
  const owners = new Map<string, Host>();
  return hosts.flatMap((host) =>
    host.addresses.flatMap((address) => {
      const owner = owners.get(address);
      if (owner === undefined) {
        owners.set(address, host);
        return [];
      }
      return [
        warning(
          'host-address-shared',
          host.source,
          `address ${address} is that of host "${owner.name}" too`,
          {
            related: [{ message: 'the other host', position: owner.source }],
          },
        ),
      ];
    }),
  );
};

function runs(host: Host, service: Host['services'][number]): boolean {
  return host.services.includes(service);
}
