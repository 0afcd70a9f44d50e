/** Reads and compares IP addresses and ranges, and writes each in its one canonical form. */

/** 4 bytes or 16. */
export type IpAddress = readonly number[];

export interface IpRange {
  readonly address: IpAddress;
  /** Leading bits that count. */
  readonly prefix: number;
}

/** Null for anything but a full IPv4 address in decimal or an IPv6 address without zone and embedded IPv4. */
export function parseIpAddress(text: string): IpAddress | null {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** `172.30.0.0/24`; null for anything else. The address may have bits beyond the prefix: {@link networkOf}. */
export function parseIpRange(text: string): IpRange | null {
  const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text);
  const address = parseIpAddress(match?.[1] ?? '');
  const prefix = Number(match?.[2]);
  return address === null || prefix > address.length * 8 ? null : { address, prefix };
}

/** The range with all bits beyond its prefix cleared. */
export function networkOf({ address, prefix }: IpRange): IpRange {
  const mask = (index: number) => 0xff & ~(0xff >> Math.min(8, Math.max(0, prefix - index * 8)));
  return { address: address.map((byte, index) => byte & mask(index)), prefix };
}

export function rangeHolds(range: IpRange, address: IpAddress): boolean {
  if (range.address.length !== address.length) return false;
  const inRange = networkOf({ address, prefix: range.prefix }).address;
  return networkOf(range).address.every((byte, index) => byte === inRange[index]);
}

/** IPv6 as RFC 5952 section 4 asks: lower case, no leading zeros, `::` for the first longest run of zeros. */
export function formatIpAddress(address: IpAddress): string {
  if (address.length === 4) return address.join('.');
  const groups = Array.from({ length: 8 }, (_, index) => groupAt(address, index).toString(16));
  const runs = groups.map((_, start) => {
    let end = start;
    while (groups[end] === '0') end += 1;
    return end - start;
  });
  const longest = Math.max(...runs);
  if (longest < 2) return groups.join(':');
  const start = runs.indexOf(longest);
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + longest).join(':')}`;
}

export function formatIpRange({ address, prefix }: IpRange): string {
  return `${formatIpAddress(address)}/${prefix}`;
}

function groupAt(address: IpAddress, index: number): number {
  return (address[index * 2] ?? 0) * 256 + (address[index * 2 + 1] ?? 0);
}

function parseIpv4(text: string): IpAddress | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return null;
  const bytes = match.slice(1);
  // A leading zero means octal to some programs.
  return bytes.every((byte) => String(Number(byte)) === byte && Number(byte) <= 255)
    ? bytes.map(Number)
    : null;
}

function parseIpv6(text: string): IpAddress | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const groupsOf = (half: string | undefined) => (half === undefined || half === '' ? [] : half.split(':'));
  const [head, tail] = [groupsOf(halves[0]), groupsOf(halves[1])];
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...Array<string>(missing).fill('0'), ...tail];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return null;
  return groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]);
}
