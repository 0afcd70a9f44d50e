// A mail system for tests that apply it: a few users, no filters, so that it is up in seconds.

import { hashOf } from './hash-of.ts';
import { type Places, testNetwork } from './mail-system.ts';

export const smallHost = 'mail.example.com';

/** As published on this machine. */
export const smallPorts = {
  smtp: 21025,
  submission: 21587,
  submissions: 21465,
  imap: 21143,
  imaps: 21993,
} as const;

export const smallPasswords = { alice: 'alice: correct horse', bob: 'bob: battery staple' } as const;

/** Hashed once: another salt would be another password to a plan. */
const hashes = Object.fromEntries(
  Object.entries(smallPasswords).map(([name, password]) => [name, hashOf(password)]),
);

export interface SmallSettings {
  readonly messageSize?: string;
  /** Seconds, with postscreen; without it clients come straight to smtpd. A change of it is one of main.cf alone. */
  readonly greetWait?: number;
  readonly bobsHash?: string;
  /** More lines below `users:`. */
  readonly users?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly supervisor?: 'docker' | 'systemd';
}

export function smallOrganisation(places: Places, settings: SmallSettings = {}): string {
  const { messageSize = '5MB', bobsHash = hashes.bob, users = '', supervisor = 'docker' } = settings;
  const { certificate = places.certificate, key = places.key } = settings;
  const ports = Object.entries(smallPorts).map(([name, port]) => `${name}: ${port}`);
  return `
version: 1
hosts:
  ${smallHost}:
    addresses: [203.0.113.10]
    services: [postgres, dovecot, opendkim, postfix]
    tls: { certificate: ${certificate}, key: ${key} }
    data: ${places.data}
    supervisor: ${supervisor}
ports: { ${ports.join(', ')}, pop3: false, pop3s: false, sieve: false }
network: { name: ${testNetwork}, subnet: 172.29.78.0/24, subnet6: "fd00:6d61:6c66::/64" }
images: { postgres: "${places.postgresImage}", postfix: "${places.postfixImage}" }
postmaster: alice@example.com
mail: { message_size: ${messageSize} }
postscreen: { ${settings.greetWait === undefined ? 'enabled: false' : `greet_wait: ${settings.greetWait}`} }
spam: { enabled: false }
virus: { enabled: false }
domains:
  example.com: {}
users:
  alice@example.com: { password: "${hashes.alice}" }
  bob@example.com: { password: "${bobsHash}" }
${users}`;
}
