/** Reads addresses that mail.yaml points to, and says so where nobody would get the mail. */
import type { DiagnosticCode } from '../diagnostics/catalogue/index.ts';
import { quote } from '../diagnostics/quote.ts';
import { type Address, compareAddresses, formatAddress } from '../model/address.ts';
import type { Destination } from '../model/mail-system.ts';
import type { Path } from '../model/position.ts';
import { nameOf, parseAddress } from './address.ts';
import { type AddressBook, lookUp } from './address-book.ts';
import type { Scope } from './scope.ts';

/** The setting that names an address. */
export interface Pointer {
  /** How a message begins: `alias "team@example.com" points to`. */
  readonly subject: () => string;
  readonly path: Path;
  /** Reported where nobody at a hosted domain has the address. Default: `destination-unknown`. */
  readonly code?: DiagnosticCode;
  /** What to say of an address that only a catch-all takes, since it may be misspelt. Default: a warning. */
  readonly caught?: 'accepted' | 'refused';
  /** Sees each address that was accepted, and where it stands. */
  readonly judge?: (destination: Destination, path: Path) => void;
}

/** Reports a malformed address, and one at a hosted domain that is nobody's, and gives null. */
export function readReference(
  text: string,
  pointer: Pointer,
  book: AddressBook,
  scope: Scope,
): Destination | null {
  const address = readAddress(text, pointer.path, book, scope);
  if (address === null) return null;
  const name = nameOf(text, address);
  const { kind, name: canonical } = lookUp(book, address, name);
  if (kind === 'nobody' || kind === 'catch-all') {
    const nobody = () => `${pointer.subject()} "${name}", which is neither user nor alias`;
    const hint = () => scope.suggest(name, [...book.users.keys(), ...book.aliases.keys()]);
    if (kind === 'nobody' || pointer.caught === 'refused') {
      scope.error(pointer.code ?? 'destination-unknown', scope.at(pointer.path), nobody(), {
        hint: hint() ?? `add "${name}" under "users" or "aliases"`,
      });
      return null;
    }
    if (pointer.caught === undefined) {
      const message = `${nobody()}: the catch-all of "${canonical}" gets its mail`;
      scope.warning('destination-falls-to-catch-all', scope.at(pointer.path), message, { hint: hint() });
    }
  }
  const destination = { address, kind };
  pointer.judge?.(destination, pointer.path);
  return destination;
}

/** What this system hosts is held to narrower rules; a catch-all must not make up for them. */
function readAddress(text: string, path: Path, book: AddressBook, scope: Scope): Address | null {
  const hosted = parseAddress(text, 'hosted', scope.parseDomain);
  if (hosted.value !== null) return hosted.value;
  const any = parseAddress(text, 'any', scope.parseDomain);
  if (any.value !== null && !book.domains.has(any.value.domain)) return any.value;
  const problem = any.problem ?? hosted.problem;
  scope.error('address-malformed', scope.at(path), `address ${quote(text)} is malformed: ${problem}`);
  return null;
}

/** One address or a list, as `aliases` and `catch_all` have them: sorted, each once; the bad ones reported. */
export function readReferences(
  written: string | readonly string[],
  pointer: Pointer,
  book: AddressBook,
  scope: Scope,
): readonly Destination[] {
  if (typeof written === 'string') {
    const destination = readReference(written, pointer, book, scope);
    return destination === null ? [] : [destination];
  }
  const destinations = new Map<string, Destination>();
  for (const [index, text] of written.entries()) {
    const path = [...pointer.path, index];
    const destination = readReference(text, { ...pointer, path }, book, scope);
    if (destination !== null) destinations.set(formatAddress(destination.address), destination);
  }
  return [...destinations.values()].sort(byAddress);
}

export function byAddress(a: { readonly address: Address }, b: { readonly address: Address }): number {
  return compareAddresses(a.address, b.address);
}
