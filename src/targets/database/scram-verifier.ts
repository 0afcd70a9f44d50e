/** SCRAM-SHA-256 verifiers, so that the mail role's password itself never travels to the server. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

const iterations = 4096; // the server's own default

/** In the form of pg_authid.rolpassword (RFC 5802 section 3, RFC 7677). The password is printable ASCII. */
export function newVerifier(password: string): string {
  return verifier(password, randomBytes(16), iterations);
}

/** Whether a login with this password would work. False for what is no such verifier, as an MD5 hash. */
export function verifies(stored: string, password: string): boolean {
  const match = /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$/.exec(stored);
  if (match === null) return false;
  return stored === verifier(password, Buffer.from(match[2] ?? '', 'base64'), Number(match[1]));
}

function verifier(password: string, salt: Buffer, rounds: number): string {
  const salted = pbkdf2Sync(password, salt, rounds, 32, 'sha256');
  const key = (name: string) => createHmac('sha256', salted).update(name).digest();
  const stored = createHash('sha256').update(key('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${rounds}:${salt.toString('base64')}$${stored}:${key('Server Key').toString('base64')}`;
}
