/** The mail network: private ranges that hold every container and no host. */
import { quote } from '../diagnostics/quote.ts';
import type { Host, NetworkSettings } from '../model/mail-system.ts';
import type { MailYaml } from '../model/mail-yaml.generated.ts';
import { privateRanges } from './host-addresses.ts';
import { formatIpRange, networkOf, parseIpAddress, parseIpRange, rangeHolds } from './ip-address.ts';
import type { Scope } from './scope.ts';

/** Prefixes that leave room for the containers, and that Docker takes. */
const prefixes = { 4: { shortest: 8, longest: 28 }, 6: { shortest: 8, longest: 112 } };

/** The networks that Docker has from the start. */
const dockerNetworks: ReadonlySet<string> = new Set(['bridge', 'default', 'host', 'none']);

export function resolveNetwork(config: MailYaml, hosts: readonly Host[], scope: Scope): NetworkSettings {
  const name = config.network?.name ?? 'mail';
  if (dockerNetworks.has(name)) {
    scope.error(
      'network-name-reserved',
      scope.at(['network', 'name']),
      `"${name}" is a network of Docker's own`,
    );
  }
  const subnet6 = config.network?.subnet6 ?? 'fd00:6d61:696c::/64';
  return {
    name,
    subnet4: subnet(config.network?.subnet ?? '172.30.0.0/24', 4, hosts, scope),
    subnet6: typeof subnet6 === 'boolean' ? null : subnet(subnet6, 6, hosts, scope),
  };
}

/** In canonical form; empty where an error was reported. */
function subnet(text: string, version: 4 | 6, hosts: readonly Host[], scope: Scope): string {
  const position = scope.at(['network', version === 4 ? 'subnet' : 'subnet6']);
  const range = parseIpRange(text);
  const { shortest, longest } = prefixes[version];
  if (range === null || range.address.length !== (version === 4 ? 4 : 16)) {
    scope.error('subnet-malformed', position, `subnet ${quote(text)} is no IPv${version} range`);
    return '';
  }
  const network = networkOf(range);
  const canonical = formatIpRange(network);
  if (range.prefix < shortest || range.prefix > longest) {
    const sizes = `/${shortest} to /${longest}`;
    scope.error('subnet-malformed', position, `subnet ${quote(text)} has no prefix of ${sizes}`);
  } else if (formatIpRange(range) !== canonical) {
    scope.error('subnet-malformed', position, `subnet ${quote(text)} does not begin at its first address`, {
      hint: `write "${canonical}"`,
    });
  } else if (
    !privateRanges.some((range) => range.prefix <= network.prefix && rangeHolds(range, network.address))
  ) {
    scope.error(
      'subnet-not-private',
      position,
      `subnet ${quote(text)} has addresses of the public Internet`,
      {
        hint: `write a private range, such as ${version === 4 ? '172.30.0.0/24' : 'fd00:6d61:696c::/64'}`,
      },
    );
  }
  for (const host of hosts) {
    for (const text of host.addresses) {
      const address = parseIpAddress(text);
      if (address === null || !rangeHolds(network, address)) continue;
      scope.error(
        'subnet-holds-host',
        position,
        `subnet "${canonical}" holds address ${text} of host "${host.name}"`,
        {
          related: [{ message: 'the host', position: host.source }],
        },
      );
    }
  }
  return canonical;
}
