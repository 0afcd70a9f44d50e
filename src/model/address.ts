/** An e-mail address as mailc compares it: case-folded, NFC, the domain in its ASCII (A-label) form. */

export interface Address {
  /** Lower-case. RFC 5321 calls it Local-part; mailc takes the Dot-string form only. */
  readonly localpart: string;
  /** Lower-case ASCII, IDNA A-labels (RFC 5890). */
  readonly domain: string;
}

export function formatAddress(address: Address): string {
  return `${address.localpart}@${address.domain}`;
}

/** The order of every list of addresses: by domain, then localpart, as code units. */
export function compareAddresses(a: Address, b: Address): number {
  if (a.domain !== b.domain) return a.domain < b.domain ? -1 : 1;
  return a.localpart < b.localpart ? -1 : a.localpart > b.localpart ? 1 : 0;
}
