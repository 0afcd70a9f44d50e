/** Tells why two names that are written differently are one and the same: a reader may see no difference at all. */

/** A hint. Both texts have the same normal form. */
export function likeness(a: string, b: string): string {
  if (a.toLowerCase() === b.toLowerCase()) return 'upper and lower case do not count';
  const composed = (text: string) => text.normalize('NFC').toLowerCase();
  return composed(a) === composed(b)
    ? 'the two differ only in how Unicode composes their letters'
    : 'in DNS, and so in mail, the two are spelt alike (IDNA)';
}
