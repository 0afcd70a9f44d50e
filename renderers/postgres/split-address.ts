/** Takes an address apart as the tables have it. */

/** Null gives two nulls. The last @ counts, whatever stands before it. */
export function splitAddress(address: string | null): readonly [name: string | null, domain: string | null] {
  if (address === null) return [null, null];
  const at = address.lastIndexOf('@');
  return [address.slice(0, at), address.slice(at + 1)];
}
