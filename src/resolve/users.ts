/** Users: password hash, quota, addresses to send as, and the mailbox that one takes over. */
import { quote } from '../diagnostics/quote.ts';
import { type Address, formatAddress } from '../model/address.ts';
import type { User } from '../model/mail-system.ts';
import type { MailYaml, WrittenUser } from '../model/mail-yaml.generated.ts';
import type { Path, Position } from '../model/position.ts';
import { parseAddress } from './address.ts';
import { type AddressBook, lookUp } from './address-book.ts';
import type { AddressKey, AddressKeys } from './address-keys.ts';
import type { HostedDomains } from './domain-map.ts';
import { type PasswordReader, passwordReader } from './passwords.ts';
import type { QuotaReader } from './quota.ts';
import { byAddress, type Pointer, readReferences } from './references.ts';
import type { Scope } from './scope.ts';

export interface UserContext {
  readonly keys: AddressKeys;
  readonly book: AddressBook;
  readonly domains: HostedDomains;
  readonly quotaOf: QuotaReader;
  readonly scope: Scope;
}

/** Sorted by domain, then localpart. */
export function resolveUsers(config: MailYaml, context: UserContext): readonly User[] {
  const passwords = passwordReader(context.scope);
  const movedFrom = new Map<string, Position>();
  const users = [...context.keys.values()].flatMap((key) => {
    const written = config.users?.[key.key];
    return written === undefined ? [] : [resolveUser(written, key, passwords, movedFrom, context)];
  });
  passwords.end();
  return users.sort(byAddress);
}

function resolveUser(
  written: WrittenUser,
  { key, address, source }: AddressKey,
  passwords: PasswordReader,
  movedFrom: Map<string, Position>,
  context: UserContext,
): User {
  const path = ['users', key];
  return {
    address,
    passwordHash: passwords.read(written.password, address, path),
    quota: context.quotaOf(written.quota, path, address.domain),
    enabled: written.enabled ?? true,
    sendAs: written.send_as === undefined ? [] : sendAsOf(written.send_as, address, path, context),
    movedFrom:
      written.moved_from === undefined
        ? null
        : movedFromOf(written.moved_from, [...path, 'moved_from'], movedFrom, context),
    source,
  };
}

function sendAsOf(
  written: readonly string[],
  user: Address,
  userPath: Path,
  { book, domains, scope }: UserContext,
): readonly Address[] {
  const path = [...userPath, 'send_as'];
  const own = formatAddress(user);
  const subject = () => `user "${own}" may send as`;
  const judge: Pointer['judge'] = ({ address, kind }, place) => {
    const name = formatAddress(address);
    if (kind === 'external') {
      const message = `${subject()} "${name}", whose domain is not under "domains"`;
      const hint = scope.suggest(address.domain, domains.keys());
      scope.error('send-as-foreign-domain', scope.at(place), message, { hint });
    } else if (kind === 'user' && lookUp(book, address).name !== own) {
      scope.warning('send-as-other-user', scope.at(place), `${subject()} "${name}", who is another user`);
    }
  };
  const pointer: Pointer = { subject, path, judge, code: 'send-as-unknown', caught: 'accepted' };
  return readReferences(written, pointer, book, scope).map(({ address }) => address);
}

function movedFromOf(
  text: string,
  path: Path,
  seen: Map<string, Position>,
  { keys, scope }: UserContext,
): Address | null {
  const position = scope.at(path);
  const { value: address, problem } = parseAddress(text, 'hosted', scope.parseDomain);
  if (problem !== null) {
    scope.error('address-malformed', position, `address ${quote(text)} is malformed: ${problem}`);
    return null;
  }
  const name = formatAddress(address);
  const user = keys.get(name);
  const other = seen.get(name);
  if (user !== undefined) {
    scope.error('moved-from-user', position, `mailbox "${name}" is in use: "${name}" is a user`, {
      related: [{ message: 'the user', position: user.source }],
    });
  }
  if (other !== undefined) {
    scope.error('moved-from-twice', position, `mailbox "${name}" is taken over twice`, {
      related: [{ message: 'the other one', position: other }],
    });
  }
  seen.set(name, position);
  return address;
}
