import { expect, test } from 'vitest';
import { aMailSystem, type Differences } from '../../test/support/a-mail-system.ts';
import type { MailSystem } from '../model/mail-system.ts';
import { check } from './check.ts';

function faults(differences: Differences): readonly string[] {
  return check(aMailSystem(differences)).diagnostics.map(({ code, message }) => `${code}: ${message}`);
}

test('a good system comes out as it went in', () => {
  const system = aMailSystem();

  expect(check(system)).toEqual({ value: system, diagnostics: [] });
});

test('there must be a host, and on some host every service that the settings need', () => {
  expect(faults({ hosts: [] })).toEqual([
    'host-missing: there are domains and no host to receive their mail',
  ]);
  expect(faults({ hosts: [{ name: 'mail.example.com', services: ['postfix', 'dovecot'] }] })).toEqual([
    'service-without-host: service "amavis" runs on no host',
    'service-without-host: service "clamav" runs on no host',
    'service-without-host: service "opendkim" runs on no host',
    'service-without-host: service "postgres" runs on no host',
  ]);
  expect(
    faults({
      hosts: [{ name: 'mail.example.com', services: ['postfix', 'dovecot', 'postgres'] }],
      domains: [{ name: 'example.com', dkim: null }],
      spam: { enabled: false },
      virus: { enabled: false },
    }),
  ).toEqual([]);
});

test('the mail store and the database are in one place', () => {
  const hosts = ['a.example.com', 'b.example.com'].map((name, index) => ({
    name,
    addresses: [`203.0.113.${index}`],
  }));

  expect(faults({ hosts })).toEqual([
    'service-on-two-hosts: service "dovecot" runs on "a.example.com" already',
    'service-on-two-hosts: service "postgres" runs on "a.example.com" already',
  ]);
});

test('hosts that speak to clients have a certificate', () => {
  expect(faults({ hosts: [{ name: 'mail.example.com', tls: null }] })).toEqual([
    'tls-missing: host "mail.example.com" has no certificate, which mail clients need',
  ]);
});

test('a host publishes a port once', () => {
  expect(
    faults({
      hosts: [{ name: 'mail.example.com', ports: { submission: 465, imaps: 143, pop3: null, pop3s: null } }],
    }),
  ).toEqual([
    'port-clash: host "mail.example.com" publishes port 143 twice: as "imap" and as "imaps"',
    'port-clash: host "mail.example.com" publishes port 465 twice: as "submission" and as "submissions"',
  ]);
});

test('other servers reach a host on port 25, over IPv4', () => {
  const host = { name: 'mail.example.com', addresses: ['2001:db8::10'], ports: { smtp: 2525 } };

  expect(faults({ hosts: [host] })).toEqual([
    'smtp-not-on-25: no host publishes smtp on port 25, the only one that other servers try',
    'host-without-ipv4: host "mail.example.com" has IPv6 addresses only, which many mail servers cannot reach',
  ]);
});

test('two hosts do not share an address', () => {
  const hosts = [
    { name: 'a.example.com', services: ['postfix', 'dovecot', 'postgres'] as const },
    { name: 'b.example.com', services: ['amavis', 'clamav', 'opendkim'] as const },
  ];

  expect(faults({ hosts })).toEqual([
    'host-address-shared: address 203.0.113.10 is that of host "a.example.com" too',
    'host-address-shared: address 2001:db8::10 is that of host "a.example.com" too',
  ]);
});

test('no localpart holds the delimiter, whichever it is', () => {
  const people = {
    users: ['bob@example.com', 'ann.smith@example.com'],
    aliases: { 'a-b@example.com': ['bob@example.com'] },
  };

  expect(faults(people)).toEqual([]);
  expect(faults({ ...people, mail: { recipientDelimiter: '.' } })).toEqual([
    'localpart-holds-delimiter: "ann.smith@example.com" holds the recipient delimiter ".", which ends a localpart',
  ]);
  expect(faults({ ...people, mail: { recipientDelimiter: '-' } })).toHaveLength(1);
});

test('no localpart looks like a rewritten sender', () => {
  expect(
    faults({ users: ['bob@example.com', 'srs0=x@example.com', 'srs2=x@example.com', 'srs0@example.com'] }),
  ).toEqual([
    'localpart-reserved: "srs0=x@example.com" looks like a rewritten sender (SRS): mail to it would be sent elsewhere',
  ]);
});

test('a cycle of aliases is shown once, from its first address', () => {
  const aliases = {
    'c@example.com': ['a@example.com'],
    'a@example.com': ['b@example.com', 'bob@example.com'],
    'b@example.com': ['c@example.com'],
    'entry@example.com': ['b@example.com'],
    'self@example.com': ['self+x@example.com'],
  };

  expect(faults({ aliases })).toEqual([
    'alias-cycle: alias "a@example.com" leads back to itself: a@example.com -> b@example.com -> c@example.com -> a@example.com',
    'alias-cycle: alias "self@example.com" leads back to itself: self@example.com -> self@example.com',
  ]);
});

test('a cycle may run through alias domains and catch-alls', () => {
  expect(
    faults({
      domains: [
        { name: 'example.com' },
        { name: 'example.net', aliasOf: 'example.com' },
        { name: 'all.example', catchAll: ['x@example.net'] },
      ],
      aliases: { 'x@example.com': ['whoever@all.example'] },
    }),
  ).toEqual([
    'alias-cycle: catch-all "*@all.example" leads back to itself: *@all.example -> x@example.com -> *@all.example',
  ]);
});

test('diamonds are no cycles, and a long chain is no trouble', () => {
  const chain = Array.from({ length: 20_000 }, (_, index) => [
    `a${index}@example.com`,
    [`a${index + 1}@example.com`],
  ]);
  const end = { 'a20000@example.com': ['bob@example.com'] };
  const diamond = {
    'x@example.com': ['l@example.com', 'r@example.com'],
    'l@example.com': ['a1@example.com'],
    'r@example.com': ['a1@example.com'],
  };

  expect(faults({ aliases: { ...Object.fromEntries(chain), ...end, ...diamond } })).toEqual([]);
});

test('an alias leads to no more addresses than Postfix expands', () => {
  const users = Array.from({ length: 1001 }, (_, index) => `user${index}@example.com`);
  const aliases = {
    'all@example.com': ['a@example.com', 'b@example.com'],
    'most@example.com': ['a@example.com', 'twice@example.com'],
    'twice@example.com': ['a@example.com', 'user0@example.com'],
    'a@example.com': users.slice(0, 600),
    'b@example.com': users.slice(600),
    'direct@example.com': users,
  };

  expect(faults({ users, aliases })).toEqual([
    'alias-too-wide: alias "all@example.com" leads to 1001 addresses; 1000 are the most',
    'alias-too-wide: alias "direct@example.com" leads to 1001 addresses; 1000 are the most',
  ]);
});

test('somebody enabled gets the mail to postmaster@ and abuse@', () => {
  const disabled = { users: [{ address: 'bob@example.com', enabled: false }, 'ann@example.com'] };
  const both = {
    'abuse@example.com': ['bob@example.com'],
    'postmaster@example.com': ['bob@example.com', 'ann@example.com'],
  };

  expect(faults({ ...disabled, aliases: { ...both } })).toEqual([
    'postmaster-unread: nobody can read the mail to "abuse@example.com": "bob@example.com" is disabled',
  ]);
  expect(faults({ ...disabled, aliases: both, mail: { disabledUsers: 'refuse' } })).toEqual([
    'postmaster-refused: mail to "abuse@example.com" is refused: "bob@example.com" is disabled',
  ]);
});

test('a warning can be switched off, an error cannot', () => {
  const hosts = [{ name: 'mail.example.com', ports: { smtp: 2525, imaps: 143 } }];
  const { value, diagnostics } = check(
    aMailSystem({ hosts, disabledChecks: ['smtp-not-on-25', 'port-clash'] }),
  );

  expect(value satisfies MailSystem | null).toBeNull();
  expect(diagnostics.map(({ code }) => code)).toEqual(['port-clash']);
});
