/** What a network over several hosts cannot do, said to whoever asks for it. */
import { type Diagnostic, warning } from '../../src/diagnostics/diagnostic.ts';
import type { MailSystem } from '../../src/model/mail-system.ts';
import { spansHosts } from './network-options.ts';

/**
 * Docker gives containers of an overlay network no IPv6, so its proxy passes IPv6 clients on under the address
 * of the gateway.
 */
export function overlayLimits(system: MailSystem): readonly Diagnostic[] {
  if (!spansHosts(system) || system.network.subnet6 === null) return [];
  return system.hosts
    .filter(
      ({ addresses, ports }) =>
        addresses.some((address) => address.includes(':')) &&
        Object.values(ports).some((port) => port !== null),
    )
    .map((host) =>
      warning(
        'overlay-without-ipv6',
        host.source,
        `clients that reach host "${host.name}" over IPv6 will all seem to have one address, since containers ` +
          'have no IPv6 on a network of several hosts',
        { hint: 'write "subnet6: false" under "network" to accept that, or leave the IPv6 addresses out' },
      ),
    );
}
