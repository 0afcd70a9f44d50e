/** Reads e-mail addresses: case-folded, and narrow enough to be safe in every file and path they end up in. */
import { type Address, formatAddress } from '../model/address.ts';
import { parseDomainName } from './domain-name.ts';
import { malformed, type Parsed, parsed } from './parsed.ts';

/** RFC 5321 section 4.1.2, Dot-string. */
const dotString = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
/**
 * Of these, what an address of this system may use: no slash (mailbox folders), no percent or exclamation
 * mark (source routes), no quotes, backquotes, dollars, braces, bars or asterisks (shells, queries, patterns).
 */
const hostedDotString = /^[a-z0-9#&'+=_~-]+(?:\.[a-z0-9#&'+=_~-]+)*$/;

/**
 * `hosted` is for addresses of this system; others may use all that RFC 5321 allows without quotes.
 * Localparts are compared without case, although RFC 5321 lets other systems tell case apart: none does.
 * `parseDomain` may remember what it has read before.
 */
export function parseAddress(
  text: string,
  kind: 'hosted' | 'any',
  parseDomain: (text: string) => Parsed<string> = parseDomainName,
): Parsed<Address> {
  const at = text.lastIndexOf('@');
  if (at < 0) return malformed('it has no @');
  const domain = parseDomain(text.slice(at + 1));
  if (domain.problem !== null) return malformed(`its domain is malformed: ${domain.problem}`);
  const written = text.slice(0, at);
  // Before folding, which would turn the Kelvin sign into a k.
  if (/[^\x20-\x7e]/.test(written)) return malformed('the part before the @ must be ASCII');
  const localpart = written.toLowerCase();
  const problem = problemOfLocalpart(localpart, kind);
  if (problem !== null) return malformed(problem);
  // RFC 5321 section 4.5.3.1.3 gives 256 octets to a path, two of which are the angle brackets.
  if (localpart.length + 1 + domain.value.length > 254) return malformed('it is longer than 254 octets');
  return parsed({ localpart, domain: domain.value });
}

/** The address formatted; `text` itself where it was written so, which spares a string for each of thousands. */
export function nameOf(text: string, address: Address): string {
  const { localpart, domain } = address;
  const same =
    text.length === localpart.length + 1 + domain.length &&
    text.startsWith(localpart) &&
    text.endsWith(domain);
  return same ? text : formatAddress(address);
}

function problemOfLocalpart(localpart: string, kind: 'hosted' | 'any'): string | null {
  if (localpart.length <= 64 && !localpart.startsWith('-') && hostedDotString.test(localpart)) return null;
  if (localpart === '') return 'nothing stands before the @';
  if (localpart.length > 64) return 'the part before the @ is longer than 64 octets';
  // Postfix refuses such recipients (postconf(5), allow_min_user), since commands would take them for options.
  if (localpart.startsWith('-')) return 'the part before the @ must not begin with a hyphen';
  if (/^\.|\.\.|\.$/.test(localpart)) return 'a dot before the @ needs another character on both sides';
  if (kind === 'hosted') {
    return "the part before the @ may hold letters, digits and . _ + - = ' & ~ # only";
  }
  return dotString.test(localpart) ? null : 'the part before the @ has a character that needs quoting';
}
