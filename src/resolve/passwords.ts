/** Password hashes: errors for what is none or a weak one, and one warning for all that are cheap to guess. */
import { type Address, formatAddress } from '../model/address.ts';
import type { Path, Position } from '../model/position.ts';
import { judgePassword, strongSchemes } from './password-hash.ts';
import type { Scope } from './scope.ts';

export interface PasswordReader {
  /** The hash with its scheme; empty where an error was reported. `userPath` is that of the user. */
  readonly read: (text: string, user: Address, userPath: Path) => string;
  /** Reports what was gathered. */
  readonly end: () => void;
}

/** Of all the users with a cheap hash, this many are pointed at. */
const shown = 4;

const freshHash = 'run "mailc passwd" and write the hash that it prints';

export function passwordReader(scope: Scope): PasswordReader {
  const cheap: { readonly user: Address; readonly reason: string; readonly position: Position }[] = [];
  const place = (userPath: Path) => scope.at([...userPath, 'password']);
  return {
    read: (text, user, userPath) => {
      const judged = judgePassword(text);
      if (judged.verdict === 'accepted') {
        if (judged.cheap !== null) cheap.push({ user, reason: judged.cheap, position: place(userPath) });
        return judged.hash;
      }
      const whose = `the password of "${formatAddress(user)}"`;
      const refuse = (code: Parameters<Scope['error']>[0], message: string, hint: string) =>
        scope.error(code, place(userPath), `${whose} ${message}`, { hint, concealed: true });
      switch (judged.verdict) {
        case 'clear-text':
          refuse(
            'password-clear-text',
            'is no hash',
            `${freshHash}; whoever saw the password should not use it`,
          );
          break;
        case 'unknown-scheme':
          refuse(
            'password-scheme-unknown',
            'has an unknown scheme',
            judged.near === null ? `known are ${strongSchemes.join(', ')}` : `did you mean {${judged.near}}?`,
          );
          break;
        case 'scheme-missing':
          refuse('password-scheme-missing', 'lacks its scheme', `put {${judged.scheme}} in front of it`);
          break;
        case 'weak-scheme':
          refuse('password-scheme-weak', `has the weak scheme ${judged.scheme}`, freshHash);
          break;
        case 'malformed':
          refuse(
            'password-hash-malformed',
            `is no ${judged.scheme} hash: characters are missing or wrong`,
            freshHash,
          );
          break;
      }
      return '';
    },
    end: () => {
      const [first, ...others] = cheap;
      if (first === undefined) return;
      const more = others.length === 0 ? '' : `, and so are ${others.length} more`;
      scope.warning(
        'password-few-rounds',
        first.position,
        `the hash of "${formatAddress(first.user)}" is cheap to guess, with ${first.reason}${more}`,
        {
          hint: freshHash,
          concealed: true,
          related: others.slice(0, shown - 1).map(({ user, reason, position }) => ({
            message: `"${formatAddress(user)}": ${reason}`,
            position,
          })),
        },
      );
    },
  };
}
