/** What mail.yaml may hold. Generated from schema/mail.schema.json; do not edit. */

/** The source of a whole mail system: hosts, domains, users, aliases and how mail is handled. */
export interface MailYaml {
  readonly version: 1;
  readonly hosts?: Readonly<Record<string, WrittenHost>> | null;
  readonly ports?: {
    readonly smtp?: number | false;
    readonly submission?: number | false;
    readonly submissions?: number | false;
    readonly imap?: number | false;
    readonly imaps?: number | false;
    readonly pop3?: number | false;
    readonly pop3s?: number | false;
    readonly sieve?: number | false;
  };
  readonly domains?: Readonly<Record<string, WrittenDomain | null>> | null;
  readonly users?: Readonly<Record<string, WrittenUser>> | null;
  readonly aliases?: Readonly<Record<string, string | readonly string[]>> | null;
  readonly include?: readonly string[] | null;
  readonly postmaster?: string;
  readonly mail?: {
    readonly recipient_delimiter?: '+' | '-' | '=' | '.' | '_' | false;
    readonly message_size?: string;
    readonly quota?: string | false;
    readonly disabled_users?: 'accept' | 'refuse';
    readonly srs_domain?: string;
  };
  readonly postscreen?: {
    readonly enabled?: boolean;
    readonly greet_wait?: number;
    readonly deep_tests?: boolean;
    readonly dnsbl?: readonly WrittenDnsbl[];
    readonly threshold?: number;
  };
  readonly spam?: {
    readonly enabled?: boolean;
    readonly tag_level?: number;
    readonly junk_level?: number;
    readonly discard_level?: number | false;
    readonly pyzor?: boolean;
    readonly razor?: boolean;
    readonly bayes?: boolean;
    readonly learn_at?: string;
  };
  readonly virus?: {
    readonly enabled?: boolean;
  };
  readonly relay?: {
    readonly host: string;
    readonly port?: number;
    readonly tls?: 'starttls' | 'implicit';
    readonly username?: string;
    readonly password?: WrittenSecret;
    readonly spf_include?: string;
  };
  readonly network?: {
    readonly name?: string;
    readonly subnet?: string;
    readonly subnet6?: string | false;
  };
  readonly database?: {
    readonly name?: string;
    readonly role?: string;
  };
  readonly dns?: {
    readonly ttl?: number;
    readonly caa?: readonly string[];
  };
  readonly guards?: {
    readonly delete_share?: number;
  };
  readonly images?: {
    readonly amavis?: string;
    readonly clamav?: string;
    readonly dovecot?: string;
    readonly opendkim?: string;
    readonly postfix?: string;
    readonly postgres?: string;
  };
  readonly checks?: {
    readonly disable?: readonly string[];
  };
}

/** A machine that runs containers. */
export interface WrittenHost {
  readonly addresses: readonly string[];
  readonly services?: readonly ('postgres' | 'dovecot' | 'clamav' | 'amavis' | 'opendkim' | 'postfix')[];
  readonly tls?: {
    readonly letsencrypt?: string;
    readonly certificate?: string;
    readonly key?: string;
  };
  readonly data?: string;
  readonly supervisor?: 'systemd' | 'docker';
  readonly ports?: {
    readonly smtp?: number | false;
    readonly submission?: number | false;
    readonly submissions?: number | false;
    readonly imap?: number | false;
    readonly imaps?: number | false;
    readonly pop3?: number | false;
    readonly pop3s?: number | false;
    readonly sieve?: number | false;
  };
}

/** A domain that this system receives mail for. */
export interface WrittenDomain {
  readonly alias_of?: string;
  readonly dkim?: {
    readonly selector?: string;
    readonly next?: string;
    readonly previous?: string;
    readonly public_keys?: Readonly<Record<string, string>>;
  } | false;
  readonly catch_all?: string | readonly string[];
  readonly quota?: string | false;
  readonly postmaster?: string;
  readonly dmarc?: {
    readonly policy?: 'none' | 'quarantine' | 'reject';
    readonly report_to?: string;
  };
  readonly mta_sts?: 'enforce' | 'testing' | 'none';
}

/** A login that stores mail. */
export interface WrittenUser {
  readonly password: string;
  readonly quota?: string | false;
  readonly send_as?: readonly string[];
  readonly enabled?: boolean;
  readonly moved_from?: string;
}

/** A DNS block or allow list. */
export interface WrittenDnsbl {
  readonly domain: string;
  readonly reply?: string;
  readonly weight?: number;
}

/** Where a secret that someone chose comes from: exactly one of the two. */
export interface WrittenSecret {
  readonly env?: string;
  readonly file?: string;
}
