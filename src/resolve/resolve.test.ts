import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { aHash } from '../../test/support/a-mail-system.ts';
import { aWrittenUser } from '../../test/support/a-written-config.ts';
import { faults, messages, resolved } from '../../test/support/resolving.ts';
import type { MailYaml } from '../model/mail-yaml.generated.ts';

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
      dkim: {
        selector: 'mail',
        publicKey: null,
        secret: 'dkim.example.com.mail',
        next: null,
        previous: null,
      },
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

test('the secrets are the passwords of the canary, the database, and the relay, and the keys', () => {
  const relay = {
    host: 'smtp.provider.example',
    username: 'me',
    password: { env: 'RELAY_PASSWORD' },
    spf_include: 'spf.provider.example',
  };

  expect(resolved({ relay }).secrets).toMatchObject([
    { name: 'canary.password', origin: { kind: 'generated', form: 'password' } },
    { name: 'database.mail.password', origin: { kind: 'generated', form: 'password' } },
    { name: 'database.postgres.password', origin: { kind: 'generated', form: 'password' } },
    { name: 'dkim.example.com.mail', origin: { kind: 'generated', form: 'dkim-rsa-2048' } },
    { name: 'relay.password', origin: { kind: 'env', variable: 'RELAY_PASSWORD' } },
    { name: 'srs.key', origin: { kind: 'generated', form: 'key-list' } },
  ]);
});
