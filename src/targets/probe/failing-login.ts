/** The login of every probe that must fail: of a user that no mail.yaml can have. */
import { canaryDomain } from '../../model/canary.ts';

/**
 * Always the same two: Dovecot delays all logins from an address that tries ever new passwords, but not one that
 * repeats itself. The database is asked for the user as for any other.
 */
export const failingLogin = { user: `nobody@${canaryDomain}`, password: 'this-login-must-fail' } as const;

/** Milliseconds: Dovecot answers a wrong password after 2 seconds, and after up to 15 more where others failed too. */
export const loginPatience = 30_000;

/** SASL PLAIN (RFC 4616), in base64. */
export function plain(user: string, password: string): string {
  return Buffer.from(`\0${user}\0${password}`).toString('base64');
}
