/**
 * Which port of which container answers for a role. Renderers never ask each other: `resolve` decides, by
 * host, since a consumer prefers the provider on its own host.
 */

export const roles = [
  'amavis', // SMTP in, content filter
  'clamd', // clamd's TCP socket
  'database', // Postgres
  'lmtp', // Dovecot LMTP
  'milter', // OpenDKIM
  'quota-status', // Dovecot's policy service
  'reinjection', // Postfix takes filtered mail back
  'sasl', // Dovecot auth for Postfix
  'virus-milter', // clamav-milter
] as const;
/** What one service offers another inside the mail network. */
export type Role = (typeof roles)[number];

export interface Endpoint {
  /** Container name, which Docker's DNS resolves on the mail network. */
  readonly container: string;
  readonly port: number;
}

/** By consumer host, then role; null where no host offers the role. */
export type Endpoints = Readonly<Record<string, Readonly<Record<Role, Endpoint | null>>>>;
