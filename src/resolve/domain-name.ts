/** Reads domain names: case-folded, normalised (NFC, UTS #46) and as ASCII labels. */
import { domainToASCII } from 'node:url';
import { canaryDomain } from '../model/canary.ts';
import { malformed, type Parsed, parsed } from './parsed.ts';

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
/** RFC 1123 section 2.1, with at least two labels, the last of which is no number (so an IP address is none). */
const asciiName = new RegExp(`^(?:${label}\\.)+(?!\\d+$)${label}$`);

/**
 * Lower-case ASCII of at most 253 octets (RFC 1035 section 2.3.4), IDNA names as A-labels (RFC 5890). Two
 * spellings of one name, by case or Unicode normalisation, give the same value.
 */
export function parseDomainName(text: string): Parsed<string> {
  if (text.length <= 253 && asciiName.test(text) && !text.includes('xn--')) return unreserved(text);
  if (text.length > 1000) return malformed('it is longer than 253 octets');
  if (text.endsWith('.')) return malformed('it ends with a dot', text.replace(/\.+$/, ''));
  // Before IDNA maps them away: spaces, invisible characters, direction marks, percent signs.
  if (/[^\p{L}\p{N}\p{M}.-]/u.test(text))
    return malformed('it may hold letters, digits, hyphens and dots only');
  const ascii = domainToASCII(text);
  if (ascii === '') return malformed('it is no valid internationalised name (IDNA)');
  if (ascii.length > 253) return malformed('it is longer than 253 octets');
  if (!ascii.includes('.')) return malformed('it has no dot, and so names no place in the public DNS');
  if (/^[\d.]+$/.test(ascii)) return malformed('it is a number, not a name');
  if (!asciiName.test(ascii)) {
    return malformed('each part between dots needs 1 to 63 characters and no hyphen at its ends');
  }
  return unreserved(ascii);
}

/** Mail of users must not reach the account that probes are for, nor that account's reach users. */
function unreserved(name: string): Parsed<string> {
  if (name !== canaryDomain && !name.endsWith(`.${canaryDomain}`)) return parsed(name);
  return malformed(`${canaryDomain} is for mailc's own probes`);
}

/**
 * The same for a name that need not be a host's, whose labels may begin with an underscore (RFC 8552), as in
 * `_spf.example.com`.
 */
export function parseRecordName(text: string): Parsed<string> {
  const labels = text.split('.');
  const result = parseDomainName(labels.map((name) => name.replace(/^_(?=[a-z0-9])/i, '')).join('.'));
  if (result.problem !== null) return result;
  const written = result.value
    .split('.')
    .map((name, index) => (labels[index]?.startsWith('_') ? `_${name}` : name));
  if (written.some((name) => name.length > 63))
    return malformed('each part between dots has at most 63 characters');
  const value = written.join('.');
  return value.length > 253 ? malformed('it is longer than 253 octets') : parsed(value);
}
