/** Builds a complete mail system from the few things that a test is about. */
import type { Address } from '../../src/model/address.ts';
import { compareAddresses, formatAddress } from '../../src/model/address.ts';
import type {
  Alias,
  Domain,
  Host,
  MailSystem,
  Relay,
  ServiceName,
  User,
} from '../../src/model/mail-system.ts';
import { type portNames, serviceNames } from '../../src/model/mail-system.ts';
import type { Position } from '../../src/model/position.ts';
import { relayPasswordSecret } from '../../src/model/secret.ts';
import { lookUp } from '../../src/resolve/address-book.ts';
import { endpointsOf } from '../../src/resolve/endpoints.ts';
import { type ChosenSecret, dkimSecret, roleSecret, secretsOf } from '../../src/resolve/secrets.ts';

/** Addresses are written as `bob@example.com`. A bare name takes every other field from the default. */
export interface Differences {
  readonly hosts?: readonly (string | HostDifferences)[];
  readonly domains?: readonly (string | DomainDifferences)[];
  readonly users?: readonly (string | UserDifferences)[];
  /** By address, with its destinations. postmaster@ and abuse@ are added where they are missing. */
  readonly aliases?: Readonly<Record<string, readonly string[]>>;
  readonly mail?: Partial<MailSystem['mail']>;
  readonly postscreen?: Partial<MailSystem['postscreen']>;
  readonly spam?: Partial<MailSystem['spam']>;
  readonly virus?: Partial<MailSystem['virus']>;
  readonly relay?: Partial<Relay>;
  readonly network?: Partial<MailSystem['network']>;
  readonly database?: Partial<MailSystem['database']>;
  readonly dns?: Partial<MailSystem['dns']>;
  readonly guards?: Partial<MailSystem['guards']>;
  readonly images?: Partial<MailSystem['images']>;
  readonly disabledChecks?: readonly string[];
}

export type HostDifferences = Partial<Omit<Host, 'ports'>> & {
  readonly name: string;
  readonly ports?: Partial<Host['ports']>;
};
export type DomainDifferences = Partial<Omit<Domain, 'catchAll' | 'dmarc'>> & {
  readonly name: string;
  readonly catchAll?: readonly string[];
  readonly dmarc?: { readonly policy?: Domain['dmarc']['policy']; readonly reportTo?: string };
};
export type UserDifferences = Partial<Omit<User, 'address' | 'sendAs' | 'movedFrom'>> & {
  readonly address: string;
  readonly sendAs?: readonly string[];
  readonly movedFrom?: string;
};

/** Where everything in the built system claims to stand. */
export const somewhere: Position = { file: 'mail.yaml', line: 1, column: 1, endColumn: 2 };

/** A well-formed hash; nobody knows a password for it. */
export const aHash = `{SHA512-CRYPT}$6$rounds=50000$saltsaltsaltsalt$${'h'.repeat(86)}`;

/** Unless told otherwise: every service on mail.example.com, and bob@example.com as the one user. */
export function aMailSystem(differences: Differences = {}): MailSystem {
  const domains = (differences.domains ?? ['example.com']).map(aDomain).sort(byName);
  const users = (differences.users ?? ['bob@example.com']).map(aUser).sort(byAddress);
  const hosts = (differences.hosts ?? ['mail.example.com']).map(aHost).sort(byName);
  const database = { ...defaultDatabase(differences.database?.role ?? 'mail'), ...differences.database };
  const firstDomain = domains.find((domain) => domain.aliasOf === null)?.name ?? 'example.com';
  const mail = {
    recipientDelimiter: '+',
    messageSize: 50 * 1024 ** 2,
    disabledUsers: 'accept',
    srsDomain: firstDomain,
    postmaster: users[0]?.address ?? anAddress(`postmaster@${firstDomain}`),
    ...differences.mail,
  } as const;
  const relay = differences.relay === undefined ? null : aRelay(differences.relay);
  const chosen: readonly ChosenSecret[] =
    relay?.passwordSecret == null
      ? []
      : [{ name: relay.passwordSecret, origin: { kind: 'env', variable: 'RELAY_PASSWORD' }, source: null }];
  return {
    hosts,
    domains,
    users,
    aliases: aliasesOf(differences.aliases ?? {}, domains, users, mail),
    mail,
    postscreen: {
      enabled: true,
      greetWait: 6,
      deepTests: false,
      dnsbl: [],
      threshold: 3,
      ...differences.postscreen,
    },
    spam: {
      enabled: true,
      tagLevel: -999,
      junkLevel: 6.31,
      discardLevel: null,
      pyzor: true,
      razor: true,
      bayes: true,
      learnAt: '03:30',
      ...differences.spam,
    },
    virus: { enabled: true, ...differences.virus },
    relay,
    network: {
      name: 'mail',
      subnet4: '172.30.0.0/24',
      subnet6: 'fd00:6d61:696c::/64',
      ...differences.network,
    },
    database,
    dns: { ttl: 3600, caa: ['letsencrypt.org'], ...differences.dns },
    guards: { deleteShare: 0.1, ...differences.guards },
    images: {
      amavis: 'mailc/amavis:1',
      clamav: 'mailc/clamav:1',
      dovecot: 'mailc/dovecot:1',
      opendkim: 'mailc/opendkim:1',
      postfix: 'mailc/postfix:1',
      postgres: 'postgres:17',
      ...differences.images,
    },
    endpoints: endpointsOf(hosts),
    secrets: secretsOf(domains, database, chosen),
    disabledChecks: differences.disabledChecks ?? [],
  };
}

/** For addresses that a test knows to be well-formed and normalised. */
export function anAddress(text: string): Address {
  const at = text.lastIndexOf('@');
  return { localpart: text.slice(0, at), domain: text.slice(at + 1) };
}

function aHost(differences: string | HostDifferences): Host {
  const given = typeof differences === 'string' ? { name: differences } : differences;
  const services = [...(given.services ?? serviceNames)].sort();
  const runs = (service: ServiceName) => services.includes(service);
  const clients = runs('dovecot');
  const usual = {
    imap: clients ? 143 : null,
    imaps: clients ? 993 : null,
    pop3: clients ? 110 : null,
    pop3s: clients ? 995 : null,
    sieve: clients ? 4190 : null,
    smtp: runs('postfix') ? 25 : null,
    submission: runs('postfix') ? 587 : null,
    submissions: runs('postfix') ? 465 : null,
  } satisfies Record<(typeof portNames)[number], number | null>;
  const letsencrypt = '/etc/letsencrypt/live/example.com';
  return {
    addresses: ['203.0.113.10', '2001:db8::10'],
    tls:
      runs('dovecot') || runs('postfix')
        ? { certificate: `${letsencrypt}/fullchain.pem`, key: `${letsencrypt}/privkey.pem` }
        : null,
    data: '/srv/mail',
    supervisor: 'systemd',
    source: somewhere,
    ...given,
    services,
    ports: { ...usual, ...given.ports },
  };
}

function aDomain(differences: string | DomainDifferences): Domain {
  const given = typeof differences === 'string' ? { name: differences } : differences;
  return {
    aliasOf: null,
    dkim: {
      selector: 'mail',
      publicKey: null,
      secret: dkimSecret(given.name, 'mail'),
      next: null,
      previous: null,
    },
    mtaSts: 'none',
    source: somewhere,
    ...given,
    catchAll: (given.catchAll ?? []).map(anAddress),
    dmarc: {
      policy: given.dmarc?.policy ?? 'quarantine',
      reportTo: anAddress(given.dmarc?.reportTo ?? `postmaster@${given.name}`),
    },
  };
}

function aUser(differences: string | UserDifferences): User {
  const given = typeof differences === 'string' ? { address: differences } : differences;
  return {
    passwordHash: aHash,
    quota: null,
    enabled: true,
    source: somewhere,
    ...given,
    address: anAddress(given.address),
    sendAs: (given.sendAs ?? []).map(anAddress).sort(compareAddresses),
    movedFrom: given.movedFrom === undefined ? null : anAddress(given.movedFrom),
  };
}

function aRelay(given: Partial<Relay>): Relay {
  const username = given.username ?? null;
  return {
    host: 'smtp.provider.example',
    port: 587,
    implicitTls: false,
    username,
    passwordSecret: username === null ? null : relayPasswordSecret,
    spfInclude: null,
    ...given,
  };
}

function defaultDatabase(role: string): MailSystem['database'] {
  return {
    name: 'mail',
    role,
    passwordSecret: roleSecret(role),
    superuserPasswordSecret: roleSecret('postgres'),
  };
}

function aliasesOf(
  written: Readonly<Record<string, readonly string[]>>,
  domains: readonly Domain[],
  users: readonly User[],
  mail: MailSystem['mail'],
): readonly Alias[] {
  const all = new Map<
    string,
    { readonly destinations: readonly string[]; readonly origin: Alias['origin'] }
  >();
  for (const [address, destinations] of Object.entries(written)) {
    all.set(address, { destinations, origin: 'written' });
  }
  const userNames = new Set(users.map((user) => formatAddress(user.address)));
  for (const domain of domains.filter(({ aliasOf }) => aliasOf === null)) {
    for (const address of [`abuse@${domain.name}`, `postmaster@${domain.name}`]) {
      if (all.has(address) || userNames.has(address)) continue;
      all.set(address, { destinations: [formatAddress(mail.postmaster)], origin: 'generated' });
    }
  }
  const book = {
    users: userNames,
    aliases: all,
    domains: new Map(domains.map((domain) => [domain.name, domain.aliasOf ?? domain.name])),
    catchAlls: new Set(domains.filter(({ catchAll }) => catchAll.length > 0).map(({ name }) => name)),
    recipientDelimiter: mail.recipientDelimiter,
  };
  return [...all]
    .map(
      ([address, { destinations, origin }]): Alias => ({
        address: anAddress(address),
        destinations: destinations
          .map(anAddress)
          .sort(compareAddresses)
          .map((destination) => {
            const { kind } = lookUp(book, destination);
            if (kind === 'nobody')
              throw new Error(`${formatAddress(destination)} is nobody in this test's system`);
            return { address: destination, kind };
          }),
        origin,
        source: somewhere,
      }),
    )
    .sort(byAddress);
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function byAddress(a: { readonly address: Address }, b: { readonly address: Address }): number {
  return compareAddresses(a.address, b.address);
}
