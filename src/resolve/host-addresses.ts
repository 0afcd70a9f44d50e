/** The public addresses of a host, as they go into DNS. */
import { quote } from '../diagnostics/quote.ts';
import type { Path } from '../model/position.ts';
import {
  formatIpAddress,
  type IpAddress,
  type IpRange,
  parseIpAddress,
  parseIpRange,
  rangeHolds,
} from './ip-address.ts';
import type { Scope } from './scope.ts';

/** Addresses that no other machine can reach a host at (RFC 6890). */
const unusable = ranges(
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'],
  ...['::/127', '::ffff:0:0/96', 'fe80::/10', 'ff00::/8'],
);

/** RFC 1918, RFC 6598, RFC 4193. */
export const privateRanges = ranges(
  ...['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
);

/** In canonical form, IPv4 before IPv6, in the order of their bytes, without duplicates. */
export function hostAddresses(written: readonly string[], path: Path, scope: Scope): readonly string[] {
  const addresses = new Map<string, IpAddress>();
  for (const [index, text] of written.entries()) {
    const position = scope.at([...path, index]);
    const address = parseIpAddress(text);
    if (address === null) {
      scope.error('ip-address-malformed', position, `${quote(text)} is no IPv4 or IPv6 address`, {
        hint: 'write one address, such as 203.0.113.10, without a prefix or a port',
      });
    } else if (unusable.some((range) => rangeHolds(range, address))) {
      scope.error('host-address-unusable', position, `no other machine can reach a host at ${quote(text)}`);
    } else {
      if (privateRanges.some((range) => rangeHolds(range, address))) {
        scope.warning(
          'host-address-private',
          position,
          `address ${quote(text)} is private: DNS will name it, and the Internet cannot reach it`,
        );
      }
      addresses.set(formatIpAddress(address), address);
    }
  }
  return [...addresses].sort(([, a], [, b]) => compareBytes(a, b)).map(([text]) => text);
}

function compareBytes(a: IpAddress, b: IpAddress): number {
  if (a.length !== b.length) return a.length - b.length;
  const index = a.findIndex((byte, position) => byte !== b[position]);
  return (a[index] ?? 0) - (b[index] ?? 0);
}

function ranges(...texts: readonly string[]): readonly IpRange[] {
  return texts.map(parseIpRange).filter((range) => range !== null);
}
