/** The DKIM keys of one domain: which one signs, which are only published, and what is known of each. */
import type { Dkim, DkimKey } from '../model/mail-system.ts';
import type { WrittenDomain } from '../model/mail-yaml.generated.ts';
import type { Path, Position } from '../model/position.ts';
import { rsaKeyBits } from './dkim-public-key.ts';
import type { Scope } from './scope.ts';
import { dkimSecret } from './secrets.ts';

type WrittenDkim = Exclude<WrittenDomain['dkim'], false | undefined>;

/** `path` is that of `dkim`. */
export function resolveDkim(domain: string, written: WrittenDkim, path: Path, scope: Scope): Dkim {
  const keys = written.public_keys ?? {};
  const key = (selector: string): DkimKey => ({
    selector,
    publicKey: Object.hasOwn(keys, selector) ? (keys[selector] ?? null) : null,
    secret: dkimSecret(domain, selector),
  });
  const taken = new Set([written.selector ?? 'mail']);
  const other = (name: 'next' | 'previous'): DkimKey | null => {
    const selector = written[name];
    if (selector === undefined) return null;
    if (!taken.has(selector)) {
      taken.add(selector);
      return key(selector);
    }
    const message = `"${name}" of "${domain}" is "${selector}", which is not another key`;
    scope.error('dkim-selector-twice', scope.at([...path, name]), message, {
      hint: 'write a selector that the domain has not used yet, such as one with the year in it',
    });
    return null;
  };
  const dkim = { ...key(written.selector ?? 'mail'), next: other('next'), previous: other('previous') };
  for (const [selector, publicKey] of Object.entries(keys)) {
    const position = scope.at([...path, 'public_keys', selector]);
    if (taken.has(selector)) judgePublicKey(publicKey, domain, position, scope);
    else {
      const message = `"${domain}" has no selector "${selector}", so that its public key is not published`;
      scope.warning('dkim-key-unused', position, message, { hint: 'remove the line' });
    }
  }
  return dkim;
}

/** RFC 8301 section 3.2: receivers ignore keys of less than 1024 bits, and signers should have 2048. */
function judgePublicKey(publicKey: string, domain: string, position: Position, scope: Scope): void {
  const bits = rsaKeyBits(publicKey);
  if (bits === null) {
    scope.error(
      'dkim-key-malformed',
      position,
      `the public key of "${domain}" is no RSA key, or not the whole of one`,
      {
        hint: 'copy the whole p= value of the record that "mailc dns" prints, without quotes and spaces',
      },
    );
  } else if (bits < 2048) {
    scope.warning(
      'dkim-key-short',
      position,
      `the public key of "${domain}" has ${bits} bits, and should have 2048`,
      {
        hint: 'write another selector as "next": its key is made at the next apply',
      },
    );
  }
}
