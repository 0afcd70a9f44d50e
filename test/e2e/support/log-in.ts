// A login by each protocol that takes a password, and what the server says to it.

import { tlsOf } from './clients.ts';
import type { World } from './shared.ts';
import { connectTo, speakTls, type TlsPort, take, tlsPorts } from './tls-ports.ts';

export interface LoginPort {
  readonly name: string;
  readonly port: number;
  /** What is said, with the words of SASL's PLAIN (RFC 4616) for `*`. */
  readonly say: string;
  readonly answer: RegExp;
  readonly success: RegExp;
  /** For good: the login is wrong, not the moment. */
  readonly refusal: RegExp;
}

export const submission: LoginPort = {
  name: 'submission',
  port: 587,
  say: 'AUTH PLAIN *',
  answer: /^\d{3} /,
  success: /^235 /,
  refusal: /^535 5\.7\.8 /,
};

/** Dovecot's own protocols. */
export const dovecotLogins: readonly LoginPort[] = [
  {
    name: 'IMAP',
    port: 993,
    say: 'a AUTHENTICATE PLAIN *',
    answer: /^a /,
    success: /^a OK /,
    refusal: /^a NO \[AUTHENTICATIONFAILED\]/,
  },
  {
    name: 'POP3',
    port: 995,
    say: 'AUTH PLAIN *',
    answer: /^(\+OK|-ERR)/,
    success: /^\+OK/,
    refusal: /^-ERR \[AUTH\]/,
  },
  {
    name: 'ManageSieve',
    port: 4190,
    say: 'AUTHENTICATE "PLAIN" "*"',
    answer: /^(OK|NO)/,
    success: /^OK/,
    refusal: /^NO "Authentication failed/,
  },
];

/** From an address of this machine in the mail network, by its number. */
export async function logIn(
  world: World,
  { port, say, answer }: LoginPort,
  from: number,
  user: string,
  password: string,
): Promise<string> {
  const reached = { ...(tlsPorts.find((one) => one.port === port) as TlsPort), client: from };
  const secure = await speakTls(await connectTo(world, reached), tlsOf(world));
  for (const step of reached.within) await take(secure, step);
  const words = Buffer.from(`\0${user}\0${password}`).toString('base64');
  const reply = await take(secure, { say: say.replace('*', words), until: answer });
  secure.destroy();
  return reply;
}
