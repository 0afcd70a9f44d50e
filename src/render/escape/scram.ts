/** A password as a PostgreSQL server keeps it, for a file whose content ends up in the environment of a process. */
import { createHash } from 'node:crypto';
import { scramVerifier } from '../../password/scram-sha-256.ts';
import { UnescapableError } from '../escaped.ts';

/**
 * The salt is made from the password, which is random itself: so the same password gives the same bytes. Throws
 * UnescapableError for what SASLprep (RFC 4013) could change.
 */
export function scramPassword(password: string): string {
  if (!/^[\x20-\x7e]+$/.test(password)) throw new UnescapableError('scram', 'it is not printable ASCII');
  const salt = createHash('sha256').update(`salt of ${password}`).digest().subarray(0, 16);
  return scramVerifier(password, salt);
}
