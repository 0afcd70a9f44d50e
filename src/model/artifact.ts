/** One generated file. */
import type { Position } from './position.ts';

/** Where a secret goes into an artifact, and the syntax it must be escaped for when it is filled in. */
export interface SecretReference {
  readonly secret: string;
  readonly syntax: Syntax;
}

export const syntaxes = [
  'clamav', // clamd.conf, freshclam.conf
  'dovecot', // dovecot.conf
  'lua', // Lua scripts of Dovecot
  'opendkim', // opendkim.conf and its tables
  'perl', // amavisd.conf
  'postfix', // main.cf, master.cf and table files
  'raw', // a file that is a secret and nothing else
  'scram', // what PostgreSQL keeps of a password
  'sieve', // Sieve scripts
  'shell', // sh
  'spamassassin', // local.cf
  'sql', // PostgreSQL
  'systemd', // unit files
  'zone', // DNS master files
] as const;
export type Syntax = (typeof syntaxes)[number];

/** Text with secrets left out: printed, each reference reads `${secret:NAME}`. */
export type Content = readonly (string | SecretReference)[];

export interface Artifact {
  /** Below out/, with forward slashes: `HOST/SERVICE/…`, `HOST/docker/…`, `database/…`, `dns/…`. */
  readonly path: string;
  /** Null for what belongs to no single host. */
  readonly host: string | null;
  /** The folder below the host that is switched as one: a service, `docker` or `systemd`; null without a host. */
  readonly unit: string | null;
  /** Permission bits on the host; 0o600 or stricter when `content` refers to a secret. */
  readonly mode: number;
  readonly content: Content;
  /** What the running service must do to see a change of this file. */
  readonly effect: Effect;
  /** The line of mail.yaml to blame, where one line is; else null. */
  readonly source: Position | null;
}

export type Effect = 'reload' | 'restart' | 'nothing';
