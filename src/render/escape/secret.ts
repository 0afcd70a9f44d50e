/** How a secret's value is written where its marker stood, by the syntax that the marker named. */
import type { Syntax } from '../../model/artifact.ts';
import { UnescapableError } from '../escaped.ts';
import { dovecotString } from './dovecot.ts';
import { perlString } from './perl.ts';
import { postfixTableText } from './postfix.ts';
import { scramPassword } from './scram.ts';

/** Throws UnescapableError for a value that the syntax cannot hold. */
export function escapeSecret(value: string, syntax: Syntax): string {
  switch (syntax) {
    case 'raw':
      return value;
    case 'dovecot':
      return dovecotString(value);
    case 'perl':
      return perlString(value);
    case 'postfix':
      return postfixTableText(value);
    case 'scram':
      return scramPassword(value);
    default:
      // No renderer puts a secret into any other syntax; one that does must say here how.
      throw new UnescapableError(syntax, 'files of this kind hold no secrets');
  }
}
