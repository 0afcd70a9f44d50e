// Passwords in a mail.yaml of a test.

import { randomBytes } from 'node:crypto';
import { hashPassword } from '../../../src/password/hash-password.ts';

/** With the fewest rounds that mail.yaml takes without a warning: even these cost most of a second. */
export function hashOf(password: string): string {
  return hashPassword(password, { rounds: 20_000, randomBytes });
}
