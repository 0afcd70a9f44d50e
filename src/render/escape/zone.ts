/** Names, character strings and comments of DNS master files (RFC 1035 section 5). */
import { assertPrintable, type Escaped, trusted, UnescapableError } from '../escaped.ts';

/**
 * TXT data: quoted character strings of at most 255 bytes each (RFC 1035 section 3.3), which the reader of SPF,
 * DKIM and DMARC joins again without a space (RFC 7208 section 3.3). Bytes beyond ASCII are written `\DDD`.
 *
 * Throws UnescapableError for control characters, and for more than fits into one record.
 */
export function zoneText(value: string): Escaped<'zone'> {
  assertPrintable('zone', value);
  const bytes = new TextEncoder().encode(value);
  const strings: string[] = [];
  for (let start = 0; start === 0 || start < bytes.length; start += 255) {
    strings.push(`"${[...bytes.subarray(start, start + 255)].map(printByte).join('')}"`);
  }
  // RDLENGTH has 16 bits, and each string a byte for its own length.
  if (bytes.length + strings.length > 65_535)
    throw new UnescapableError('zone', 'it is too long for a record');
  return trusted<'zone'>(strings.join(' '));
}

/**
 * An absolute domain name, given without its last dot; `.` alone is the root. With `origin`, names below that
 * are written relative to it, and the origin itself `@`.
 *
 * Throws UnescapableError for what is no domain name: empty or long labels (RFC 1035 section 2.3.4), or
 * characters that no name in a mail system has.
 */
export function zoneName(name: string, origin: string | null = null): Escaped<'zone'> {
  if (name === '.') return trusted<'zone'>('.');
  for (const label of name.split('.')) {
    if (!/^[A-Za-z0-9_-]{1,63}$/.test(label)) {
      throw new UnescapableError('zone', 'a label of a domain name has 1 to 63 letters, digits, "-" or "_"');
    }
  }
  if (name.length > 253) throw new UnescapableError('zone', 'a domain name has at most 253 characters');
  if (name === origin) return trusted<'zone'>('@');
  if (origin !== null && name.endsWith(`.${origin}`)) {
    return trusted<'zone'>(name.slice(0, -origin.length - 1));
  }
  return trusted<'zone'>(`${name}.`);
}

/** Text behind a `;`, which ends only with the line. */
export function zoneComment(text: string): Escaped<'zone'> {
  assertPrintable('zone', text);
  return trusted<'zone'>(text);
}

function printByte(byte: number): string {
  if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
  if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
  return `\\${byte.toString().padStart(3, '0')}`;
}
