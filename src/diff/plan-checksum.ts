/** What seals a saved plan: any edit of it shows, also of what the plan's own id does not cover. */
import { createHash } from 'node:crypto';

/**
 * sha256 over all of a plan's JSON form but the top-level `checksum`, hex. Neither layout nor the order of names
 * counts, so a plan may be formatted anew. It is no signature: apply makes the plan again, and compares.
 */
export function planChecksum({ checksum: _checksum, ...sealed }: Readonly<Record<string, unknown>>): string {
  return createHash('sha256').update(JSON.stringify(sealed, inOrder)).digest('hex');
}

function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const names = Object.keys(value).sort();
  // fromEntries, as `__proto__` may be a name.
  return Object.fromEntries(names.map((name) => [name, (value as Record<string, unknown>)[name]]));
}
