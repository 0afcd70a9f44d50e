// The mail system that most end-to-end tests talk to: two organisations, with every kind of address.

import { hashOf } from './hash-of.ts';
import { type Places, testNetwork } from './mail-system.ts';

export const organisationHost = 'mail.example.com';

/** By address. */
export const passwords = {
  'alice@example.com': 'alice: correct horse',
  'bob@example.com': 'bob: Tr0ub4dor&3',
  'carol@example.org': 'carol: pässwörd',
  'catcher@example.org': 'catcher: all of it',
  'dora@example.com': 'dora: is away',
  'first.last@example.com': 'first: last',
  'learner@example.com': 'learner: ham and spam',
  'small@example.com': 'small: but mine',
} as const;
export type UserName = keyof typeof passwords;

/** DNS names of the block and allow lists that postscreen asks. */
export const blockList = 'block.dnsbl.example';
export const allowList = 'allow.dnsbl.example';

/** Hashed once: another salt would be another password to a plan. */
const hashes = Object.fromEntries(
  Object.entries(passwords).map(([user, password]) => [user, hashOf(password)]),
) as Readonly<Record<UserName, string>>;

export function organisation({ data, certificate, key, postgresImage, postfixImage }: Places): string {
  const password = (user: UserName): string => JSON.stringify(hashes[user]);
  return `
version: 1
hosts:
  ${organisationHost}:
    addresses: [203.0.113.10, "2001:db8::10"]
    tls: { certificate: ${certificate}, key: ${key} }
    data: ${data}
    supervisor: docker
# Above 1024 and unusual, so as not to meet a server of this machine.
ports: { smtp: 20025, submission: 20587, submissions: 20465, imap: 20143, imaps: 20993, pop3: 20110, pop3s: 20995, sieve: 24190 }
network: { name: ${testNetwork}, subnet: 172.29.77.0/24, subnet6: "fd00:6d61:6c65::/64" }
images: { postgres: "${postgresImage}", postfix: "${postfixImage}" }
postmaster: alice@example.com
mail: { disabled_users: refuse, message_size: 2MB, srs_domain: example.com }
postscreen:
  greet_wait: 1
  dnsbl:
    - { domain: ${blockList}, reply: "127.0.0.[2..11]", weight: 3 }
    - { domain: ${allowList}, weight: -3 }
domains:
  example.com: {}
  example.net: { alias_of: example.com }
  example.org: { dkim: { selector: key1 }, catch_all: catcher@example.org }
users:
  alice@example.com: { password: ${password('alice@example.com')} }
  bob@example.com: { password: ${password('bob@example.com')}, send_as: [sales@example.com] }
  carol@example.org: { password: ${password('carol@example.org')} }
  catcher@example.org: { password: ${password('catcher@example.org')} }
  dora@example.com: { password: ${password('dora@example.com')}, enabled: false }
  first.last@example.com: { password: ${password('first.last@example.com')} }
  learner@example.com: { password: ${password('learner@example.com')} }
  small@example.com: { password: ${password('small@example.com')}, quota: 100KB }
aliases:
  smith@example.com: bob@example.com
  sales@example.com: [alice@example.com, bob@example.com]
  team@example.com: [alice@example.com, bob@example.com, partner@elsewhere.example]
  everyone@example.com: [team@example.com, carol@example.org]
  out@example.com: someone@elsewhere.example
  out6@example.com: someone@six.elsewhere.example
  tosmall@example.com: small@example.com
`;
}
