import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { aHash } from '../../test/support/a-mail-system.ts';
import { aWrittenConfig, aWrittenUser } from '../../test/support/a-written-config.ts';
import type { MailYaml } from '../model/mail-yaml.generated.ts';
import { resolve } from './resolve.ts';

/** What is wrong, as `code at path`. */
function faults(differences: Parameters<typeof aWrittenConfig>[0]): readonly string[] {
  const { diagnostics } = resolve(aWrittenConfig(differences));
  return diagnostics.map(({ code, position }) => `${code} at ${position?.file}`);
}

function messages(differences: Parameters<typeof aWrittenConfig>[0]): readonly string[] {
  return resolve(aWrittenConfig(differences)).diagnostics.map(({ message }) => message);
}

function resolved(differences: Parameters<typeof aWrittenConfig>[0] = {}) {
  const { value, diagnostics } = resolve(aWrittenConfig(differences));
  if (value === null) throw new Error(JSON.stringify(diagnostics, null, 2));
  return value;
}

test('the smallest mail.yaml gives a complete system', () => {
  const { domains, users, aliases, mail, hosts } = resolved();

  expect(hosts).toMatchObject([
    {
      name: 'mail.example.com',
      addresses: ['203.0.113.10'],
      services: ['amavis', 'clamav', 'dovecot', 'opendkim', 'postfix', 'postgres'],
      tls: {
        certificate: '/etc/letsencrypt/live/example.com/fullchain.pem',
        key: '/etc/letsencrypt/live/example.com/privkey.pem',
      },
      data: '/srv/mail',
      ports: { smtp: 25, submission: 587, submissions: 465, imap: 143, imaps: 993, sieve: 4190 },
    },
  ]);
  expect(domains).toMatchObject([
    {
      name: 'example.com',
      aliasOf: null,
      dkim: { selector: 'mail', publicKey: null, secret: 'dkim.example.com.mail' },
      catchAll: [],
      dmarc: { policy: 'quarantine', reportTo: { localpart: 'postmaster', domain: 'example.com' } },
      mtaSts: 'none',
    },
  ]);
  expect(users).toMatchObject([
    { passwordHash: aHash, quota: null, enabled: true, sendAs: [], movedFrom: null },
  ]);
  expect(aliases.map(({ address, origin }) => [address.localpart, origin])).toEqual([
    ['abuse', 'generated'],
    ['postmaster', 'generated'],
  ]);
  expect(mail.srsDomain).toBe('example.com');
});

test('every default is the one that the schema documents', () => {
  const schema = JSON.parse(readFileSync('schema/mail.schema.json', 'utf8'));
  const written = (section: string) =>
    Object.fromEntries(
      Object.entries<{ default?: unknown }>(schema.properties[section].properties)
        .filter(([, property]) => property.default !== undefined)
        .map(([name, property]) => [name, property.default]),
    );
  const sections = [
    'ports',
    'mail',
    'postscreen',
    'spam',
    'virus',
    'network',
    'database',
    'dns',
    'guards',
    'images',
  ];
  const explicit = Object.fromEntries(sections.map((section) => [section, written(section)]));
  const { data, supervisor, services } = schema.$defs.host.properties;

  const spelledOut = resolved({
    ...(explicit as Partial<MailYaml>),
    hosts: {
      'mail.example.com': {
        addresses: ['203.0.113.10'],
        tls: { letsencrypt: 'example.com' },
        data: data.default,
        supervisor: supervisor.default,
        services: services.default,
      },
    },
    domains: {
      'example.com': {
        dkim: schema.$defs.domain.properties.dkim.default,
        dmarc: { policy: schema.$defs.domain.properties.dmarc.properties.policy.default },
        mta_sts: schema.$defs.domain.properties.mta_sts.default,
      },
    },
    users: { 'bob@example.com': { password: aHash, enabled: schema.$defs.user.properties.enabled.default } },
  });

  expect(spelledOut).toEqual(resolved());
});

test('addresses and domains are compared without case and in their ASCII form', () => {
  const { domains, users, aliases } = resolved({
    domains: { 'Bücher.Example': {} },
    users: { 'BOB@bücher.example': aWrittenUser },
    aliases: {
      'Team@BÜCHER.example': ['Bob@xn--bcher-kva.example', 'Partner@Elsewhere.ORG', 'bob@bücher.example'],
    },
    postmaster: 'bob@bücher.example',
  });

  expect(domains.map(({ name }) => name)).toEqual(['xn--bcher-kva.example']);
  expect(users.map(({ address }) => address)).toEqual([
    { localpart: 'bob', domain: 'xn--bcher-kva.example' },
  ]);
  expect(aliases.at(-1)).toMatchObject({
    address: { localpart: 'team' },
    destinations: [
      { address: { localpart: 'partner', domain: 'elsewhere.org' }, kind: 'external' },
      { address: { localpart: 'bob', domain: 'xn--bcher-kva.example' }, kind: 'user' },
    ],
  });
});

test('two spellings of one address are one address, whichever way they differ', () => {
  expect(
    faults({
      domains: {
        'b\u00fccher.example': {},
        'bu\u0308cher.example': {},
        'EXAMPLE.com': {},
        'example.com': {},
      },
      users: { 'bob@example.com': aWrittenUser, 'Bob@Example.com': aWrittenUser },
      aliases: {
        'bob@b\u00fccher.example': 'bob@example.com',
        'bob@bu\u0308cher.example': 'bob@example.com',
      },
    }),
  ).toEqual([
    'duplicate-address at aliases/bob@bu\u0308cher.example (key)',
    'duplicate-domain at domains/bu\u0308cher.example (key)',
    'duplicate-domain at domains/example.com (key)',
    'duplicate-address at users/Bob@Example.com (key)',
  ]);
});

test('an address is a user or an alias', () => {
  const { diagnostics } = resolve(aWrittenConfig({ aliases: { 'Bob@example.com': 'x@elsewhere.org' } }));

  expect(diagnostics).toMatchObject([
    { code: 'alias-shadows-user', related: [{ position: { file: 'users/bob@example.com (key)' } }] },
  ]);
});

test('what stands before the @ is narrow for addresses of this system, and RFC 5321 elsewhere', () => {
  const at = (localpart: string) => `${localpart}@example.com`;
  const good = ['a', "o'neil", 'x_y-z', 'r&d', 'c#', '~tilde', 'a=b', '1', 'a.b'];
  const bad = [
    '',
    '.a',
    'a.',
    'a..b',
    '-a',
    'a/b',
    'a%b',
    'a!b',
    '"a"',
    'a b',
    'a*b',
    'a|b',
    'a$b',
    'ä',
    '\u212a',
    'x'.repeat(65),
  ];

  expect(faults({ aliases: Object.fromEntries(good.map((name) => [at(name), 'bob@example.com'])) })).toEqual(
    [],
  );
  expect(faults({ aliases: Object.fromEntries(bad.map((name) => [at(name), 'bob@example.com'])) })).toEqual(
    bad.map((name) => `address-malformed at aliases/${at(name)} (key)`).sort(),
  );
  expect(faults({ aliases: { 'a@example.com': ['a/b%c!d*e|f$g@elsewhere.org'] } })).toEqual([]);
  expect(faults({ aliases: { 'a@example.com': ['a"b@elsewhere.org', 'a..b@elsewhere.org'] } })).toHaveLength(
    2,
  );
});

test('a domain name has a dot, no number at its end, and nothing invisible', () => {
  const names = [
    'localhost',
    '127.0.0.1',
    '0x7f.1',
    'a b.com',
    'exa\u00admple.com',
    '\u202eexample.com',
    'example.com.',
    '-a.com',
    'a..com',
    'exam_ple.com',
    'xn--a.com',
    `${'a'.repeat(64)}.com`,
    `${'a.'.repeat(130)}com`,
  ];

  expect(
    faults({ domains: Object.fromEntries(['example.com', ...names].map((name) => [name, {}])) }),
  ).toEqual(names.map((name) => `domain-malformed at domains/${name} (key)`).sort());
});

test('an address at an unknown domain, or in an alias domain, is an error', () => {
  expect(
    messages({
      domains: { 'example.com': {}, 'example.net': { alias_of: 'example.com' } },
      users: { 'bob@example.com': aWrittenUser, 'ann@exmaple.com': aWrittenUser },
      aliases: { 'team@example.net': 'bob@example.com' },
    }),
  ).toEqual([
    'alias "team@example.net" is at alias domain "example.net", which has the users and aliases of "example.com"',
    'user "ann@exmaple.com" is at domain "exmaple.com", which is not under "domains"',
  ]);
});

test('a fault is reported once, not again by everything that refers to it', () => {
  expect(
    faults({
      users: { 'bob@example.com': { password: 'hunter2' }, 'ann@exmaple.com': aWrittenUser },
      aliases: { 'a@example.com': 'bob@example.com', 'b@example.com': 'a@example.com' },
    }),
  ).toEqual([
    'unknown-domain at users/ann@exmaple.com (key)',
    'password-clear-text at users/bob@example.com/password',
  ]);
});

test('alias domains stand for one real domain and have no settings of their own', () => {
  const domains = {
    'example.com': {},
    'self.example': { alias_of: 'self.example' },
    'chain.example': { alias_of: 'net.example' },
    'net.example': { alias_of: 'example.com', catch_all: 'bob@example.com', quota: '1GB' },
    'lost.example': { alias_of: 'exampel.com' },
  };

  expect(faults({ domains })).toEqual([
    'alias-domain-chain at domains/chain.example/alias_of',
    'unknown-domain at domains/lost.example/alias_of',
    'alias-domain-setting at domains/net.example/catch_all (key)',
    'alias-domain-setting at domains/net.example/quota (key)',
    'alias-domain-chain at domains/self.example/alias_of',
  ]);
});

test('destinations are users, aliases, a catch-all or elsewhere; nobody is an error with the near word', () => {
  const { aliases } = resolved({
    domains: {
      'example.com': {},
      'all.example': { catch_all: 'bob@example.com' },
      'net.example': { alias_of: 'example.com' },
    },
    aliases: {
      'x@example.com': [
        'bob@net.example',
        'bob+lists@example.com',
        'y@example.com',
        'z@all.example',
        'a@b.example',
      ],
      'y@example.com': 'bob@example.com',
    },
  });
  const { diagnostics } = resolve(aWrittenConfig({ aliases: { 'x@example.com': ['bbo@example.com'] } }));

  expect(
    aliases.find(({ address }) => address.localpart === 'x')?.destinations.map(({ kind }) => kind),
  ).toEqual(['catch-all', 'external', 'user', 'alias', 'user']);
  expect(diagnostics).toMatchObject([
    {
      code: 'destination-unknown',
      hint: 'did you mean "bob@example.com"?',
      position: { file: 'aliases/x@example.com/0' },
    },
  ]);
});

test('a catch-all leads to users and aliases, not to what only a catch-all takes', () => {
  const domains = {
    'example.com': { catch_all: ['bob@example.com', 'typo@example.com', 'x@elsewhere.org'] },
  };

  expect(faults({ domains })).toEqual([
    'destination-unknown at domains/example.com/catch_all/1',
    'catch-all-external at domains/example.com/catch_all/2',
  ]);
});

test('postmaster@ and abuse@ lead to the postmaster of the domain, the general one, or the catch-all', () => {
  const leads = (differences: Parameters<typeof aWrittenConfig>[0]) =>
    resolved(differences).aliases.map(
      ({ address, destinations }) =>
        `${address.localpart}: ${destinations.map((to) => to.address.localpart)}`,
    );
  const users = {
    'ann@example.com': aWrittenUser,
    'bob@example.com': aWrittenUser,
    'cat@example.com': aWrittenUser,
  };
  const domains = { 'example.com': { postmaster: 'ann@example.com', catch_all: 'cat@example.com' } };
  const catchAll = { 'example.com': { catch_all: ['cat@example.com', 'bob@example.com'] } };

  expect(leads({ users, domains })).toEqual(['abuse: ann', 'postmaster: ann']);
  expect(leads({ users, domains: catchAll })).toEqual(['abuse: bob', 'postmaster: bob']);
  expect(leads({ users, domains: catchAll, postmaster: undefined })).toEqual([
    'abuse: bob,cat',
    'postmaster: bob,cat',
  ]);
  expect(
    leads({
      aliases: { 'abuse@example.com': 'bob@example.com' },
      users: { ...users, 'postmaster@example.com': aWrittenUser },
    }),
  ).toEqual(['abuse: bob']);
  expect(faults({ postmaster: undefined })).toEqual(['postmaster-missing at domains/example.com (key)']);
});

test("a quota is the user's, else the domain's, else the general one, and may be no limit", () => {
  const quotas = (differences: Parameters<typeof aWrittenConfig>[0]) =>
    resolved(differences).users.map(({ quota }) => quota);
  const users = {
    'a@example.com': { ...aWrittenUser, quota: '1.5GB' },
    'b@example.com': aWrittenUser,
    'c@example.com': { ...aWrittenUser, quota: false as const },
  };
  const gigabyte = 1024 ** 3;

  expect(quotas({ users, postmaster: 'a@example.com', mail: { quota: '3 GiB' } })).toEqual([
    1.5 * gigabyte,
    3 * gigabyte,
    null,
  ]);
  expect(
    quotas({
      users,
      postmaster: 'a@example.com',
      mail: { quota: '3GB' },
      domains: { 'example.com': { quota: '2GB' } },
    }),
  ).toEqual([1.5 * gigabyte, 2 * gigabyte, null]);
  expect(
    faults({ mail: { quota: '0B', message_size: '2GB' }, domains: { 'example.com': { quota: '1MB' } } }),
  ).toEqual([
    'quota-below-message-size at domains/example.com/quota',
    'message-size-out-of-range at mail/message_size',
    'quota-out-of-range at mail/quota',
  ]);
});

test('a user sends as addresses of hosted domains that exist', () => {
  const users = {
    'bob@example.com': {
      ...aWrittenUser,
      send_as: [
        'sales@example.com',
        'ann@example.com',
        'x@elsewhere.org',
        'nobody@example.com',
        'bob@example.com',
      ],
    },
    'ann@example.com': aWrittenUser,
  };

  expect(faults({ users, aliases: { 'sales@example.com': 'ann@example.com' } })).toEqual([
    'send-as-other-user at users/bob@example.com/send_as/1',
    'send-as-foreign-domain at users/bob@example.com/send_as/2',
    'send-as-unknown at users/bob@example.com/send_as/3',
  ]);
});

test('a mailbox is taken over once, and not from a user', () => {
  const from = (moved_from: string) => ({ ...aWrittenUser, moved_from });
  const users = {
    'bob@example.com': from('robert@old.example'),
    'ann@example.com': from('Robert@old.example'),
    'cat@example.com': from('bob@example.com'),
  };

  expect(faults({ users })).toEqual([
    'moved-from-twice at users/ann@example.com/moved_from',
    'moved-from-user at users/cat@example.com/moved_from',
  ]);
});

test('the domain of rewritten senders does not depend on the order of the file', () => {
  const domains = { 'b.example': {}, 'example.com': {}, 'a.example': { alias_of: 'b.example' } };

  expect(resolved({ domains }).mail.srsDomain).toBe('b.example');
  expect(resolved({ domains, mail: { srs_domain: 'A.example' } }).mail.srsDomain).toBe('a.example');
  expect(faults({ domains, mail: { srs_domain: 'c.example' } })).toEqual([
    'unknown-domain at mail/srs_domain',
  ]);
  expect(faults({ domains: {}, users: {}, postmaster: undefined })).toEqual([
    'domain-missing at domains (key)',
  ]);
});

test('warnings can be switched off by code, errors and unknown codes cannot', () => {
  const domains = { 'example.com': { dmarc: { policy: 'none' as const }, dkim: false as const } };

  expect(faults({ domains })).toEqual([
    'dkim-off at domains/example.com/dkim',
    'dmarc-policy-none at domains/example.com/dmarc/policy',
  ]);
  expect(faults({ domains, checks: { disable: ['dmarc-policy-none', 'dkim-off'] } })).toEqual([]);
  expect(messages({ checks: { disable: ['dmarc-policy-nnoe', 'alias-cycle'] } })).toEqual([
    '"dmarc-policy-nnoe" is the code of no warning',
    '"alias-cycle" is the code of no warning',
  ]);
});

test('the secrets are the passwords of the database, of Dovecot and of the relay, and the keys', () => {
  const relay = {
    host: 'smtp.provider.example',
    username: 'me',
    password: { env: 'RELAY_PASSWORD' },
    spf_include: 'spf.provider.example',
  };

  expect(resolved({ relay }).secrets).toMatchObject([
    { name: 'database.mail.password', origin: { kind: 'generated', form: 'password' } },
    { name: 'database.postgres.password', origin: { kind: 'generated', form: 'password' } },
    { name: 'dkim.example.com.mail', origin: { kind: 'generated', form: 'dkim-rsa-2048' } },
    { name: 'dovecot.doveadm.password', origin: { kind: 'generated', form: 'password' } },
    { name: 'relay.password', origin: { kind: 'env', variable: 'RELAY_PASSWORD' } },
    { name: 'srs.key', origin: { kind: 'generated', form: 'password' } },
  ]);
});

test('a relay has a whole login or none, and stands in SPF', () => {
  const host = 'smtp.provider.example';

  expect(faults({ relay: { host } })).toEqual(['relay-not-in-spf at relay (key)']);
  expect(faults({ relay: { host, spf_include: 'spf.example', username: 'me' } })).toEqual([
    'relay-login-incomplete at relay/username (key)',
  ]);
  expect(
    faults({
      relay: { host, spf_include: 'spf.example', username: 'a:b c', password: { file: '/run/../x' } },
    }),
  ).toEqual(['path-malformed at relay/password/file', 'relay-username-malformed at relay/username']);
});

test('the network is private, canonical, and holds no host', () => {
  const subnets = (subnet: string, subnet6?: string) =>
    faults({ network: { subnet, ...(subnet6 === undefined ? {} : { subnet6 }) } });

  expect(subnets('10.1.0.0/16', 'fd00::/64')).toEqual([]);
  expect(subnets('172.30.0.1/24')).toEqual(['subnet-malformed at network/subnet']);
  expect(subnets('172.30.0.0/30')).toEqual(['subnet-malformed at network/subnet']);
  expect(subnets('300.1.2.0/24', 'fd00:::/64')).toHaveLength(2);
  expect(subnets('203.0.113.0/24', '2001:db8::/64')).toEqual([
    'subnet-not-private at network/subnet',
    'subnet-holds-host at network/subnet',
    'subnet-not-private at network/subnet6',
  ]);
  expect(resolved({ network: { subnet6: 'FD00:0:0::/64' } }).network.subnet6).toBe('fd00::/64');
  expect(resolved({ network: { subnet6: false } }).network.subnet6).toBeNull();
  expect(
    faults({ network: { name: 'bridge' }, database: { name: 'template1', role: 'pg_mail' } }),
  ).toHaveLength(3);
});

test('block lists say which replies count, and can reach the threshold', () => {
  const lists = (dnsbl: NonNullable<MailYaml['postscreen']>['dnsbl']) =>
    faults({ postscreen: { dnsbl: dnsbl ?? [] } });

  expect(lists([{ domain: 'zen.spamhaus.org', reply: '127.0.0.[2..11]', weight: 3 }])).toEqual([]);
  expect(
    lists([
      { domain: 'zen.spamhaus.org', weight: 2 },
      { domain: 'list.dnswl.org', reply: '127.0.[0..255].[2;3]', weight: -2 },
    ]),
  ).toEqual([
    'dnsbl-threshold-unreachable at postscreen/dnsbl',
    'dnsbl-any-reply at postscreen/dnsbl/0/domain',
  ]);
  for (const reply of ['127.0.0', '127.0.0.300', '127.0.0.[9..2]', '127.0.0.[2', '127.0.0.01']) {
    expect(lists([{ domain: 'a.example', reply, weight: 3 }])).toEqual([
      'dnsbl-reply-malformed at postscreen/dnsbl/0/reply',
    ]);
  }
});

test('spam levels rise', () => {
  expect(faults({ spam: { tag_level: 7, discard_level: 6 } })).toEqual([
    'spam-levels-disordered at spam/discard_level',
    'spam-levels-disordered at spam/tag_level',
  ]);
});
