/** What Postgres keeps of a password: enough to check a login, and not enough to log in. */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

/** The server's own default. */
const scramIterations = 4096;

/** In the form of pg_authid.rolpassword (RFC 5802 section 3, RFC 7677). The password is printable ASCII. */
export function scramVerifier(password: string, salt: Buffer, iterations = scramIterations): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const key = (name: string) => createHmac('sha256', salted).update(name).digest();
  const stored = createHash('sha256').update(key('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${key('Server Key').toString('base64')}`;
}
