/** SCRAM-SHA-256 verifiers, so that the mail role's password itself never travels to the server. */
import { randomBytes } from 'node:crypto';
import { scramVerifier } from '../../password/scram-sha-256.ts';

/** Another one each time. */
export function newVerifier(password: string): string {
  return scramVerifier(password, randomBytes(16));
}

/** Whether a login with this password would work. False for what is no such verifier, as an MD5 hash. */
export function verifies(stored: string, password: string): boolean {
  const match = /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$/.exec(stored);
  if (match === null) return false;
  return stored === scramVerifier(password, Buffer.from(match[2] ?? '', 'base64'), Number(match[1]));
}
