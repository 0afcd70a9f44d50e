import { expect, test } from 'vitest';
import { aWrittenConfig } from '../../test/support/a-written-config.ts';
import type { MailYaml, WrittenHost } from '../model/mail-yaml.generated.ts';
import { resolve } from './resolve.ts';

const tls = { letsencrypt: 'example.com' };

function resolveHost(
  differences: Partial<WrittenHost>,
  rest: Partial<MailYaml> = {},
  name = 'mail.example.com',
) {
  const host = { addresses: ['203.0.113.10'], tls, ...differences };
  const { value, diagnostics } = resolve(aWrittenConfig({ ...rest, hosts: { [name]: host } }));
  return {
    host: value?.hosts[0],
    faults: diagnostics.map(
      ({ code, position }) => `${code} at ${position?.file.replace(`hosts/${name}`, 'HOST')}`,
    ),
  };
}

test('addresses are canonical, IPv4 first, each once', () => {
  const addresses = ['2001:DB8:0:0::10', '203.0.113.10', '2001:db8::10', '198.51.100.7'];

  expect(resolveHost({ addresses }).host?.addresses).toEqual([
    '198.51.100.7',
    '203.0.113.10',
    '2001:db8::10',
  ]);
});

test('an address that is none, or that nobody reaches, is an error', () => {
  const addresses = [
    '203.0.113',
    '010.0.0.1',
    '203.0.113.10/32',
    '1::2::3',
    '127.0.0.1',
    '::1',
    'fe80::1',
    '::ffff:203.0.113.9',
    '192.168.1.2',
  ];

  expect(resolveHost({ addresses }).faults).toEqual([
    ...[0, 1, 2, 3].map((index) => `ip-address-malformed at HOST/addresses/${index}`),
    ...[4, 5, 6].map((index) => `host-address-unusable at HOST/addresses/${index}`),
    'ip-address-malformed at HOST/addresses/7',
    'host-address-private at HOST/addresses/8',
  ]);
});

test('a certificate is named in one way, and completely', () => {
  const files = { certificate: '/etc/ssl//mail/chain.pem', key: '/etc/ssl/mail/key.pem' };

  expect(resolveHost({ tls: files }).host?.tls).toEqual({
    certificate: '/etc/ssl/mail/chain.pem',
    key: '/etc/ssl/mail/key.pem',
  });
  expect(resolveHost({ tls: { ...files, letsencrypt: 'x.example' } }).faults).toEqual([
    'tls-two-forms at HOST/tls',
  ]);
  expect(resolveHost({ tls: { certificate: '/a' } }).faults).toEqual(['tls-incomplete at HOST/tls']);
  expect(resolveHost({ tls: {} }).faults).toEqual(['tls-incomplete at HOST/tls']);
  expect(resolveHost({ tls: { certificate: '/a b', key: '/a/../b' } }).faults).toEqual([
    'path-malformed at HOST/tls/certificate',
    'path-malformed at HOST/tls/key',
  ]);
});

test('the data folder is no folder of the system', () => {
  for (const data of ['/', '/etc', '/tmp/mail', '/usr/']) {
    expect(resolveHost({ data }).faults).toEqual(['data-folder-unsuitable at HOST/data']);
  }
  for (const data of ['/srv/mail/', '/var/lib/mail', '/opt/mail', '/data']) {
    expect(resolveHost({ data }).faults).toEqual([]);
  }
  expect(resolveHost({ data: '/a,b:c' }).faults).toEqual(['path-malformed at HOST/data']);
});

test('ports are those of the host before the general ones, where the service runs', () => {
  const { host, faults } = resolveHost(
    { services: ['postfix'], ports: { submission: 2587, imap: 143 } },
    { ports: { smtp: 2525, submissions: false, sieve: 1 } },
  );

  expect(host?.ports).toEqual({
    imap: null,
    imaps: null,
    pop3: null,
    pop3s: null,
    sieve: null,
    smtp: 2525,
    submission: 2587,
    submissions: null,
  });
  expect(faults).toEqual(['port-without-service at HOST/ports/imap']);
});

test('services whose features are off do not run, and listing them is worth a warning', () => {
  const off = {
    virus: { enabled: false },
    spam: { enabled: false },
    domains: { 'example.com': { dkim: false as const } },
  };

  expect(resolveHost({}, off).host?.services).toEqual(['dovecot', 'postfix', 'postgres']);
  expect(
    resolveHost(
      { services: ['clamav', 'postfix', 'dovecot', 'postgres', 'amavis'] },
      { virus: { enabled: false } },
    ).faults,
  ).toEqual(['service-unused at HOST/services/0']);
});

test('a host without mail services has no certificate', () => {
  expect(resolveHost({ services: ['postgres'] }).host?.tls).toBeNull();
});

test('host names fit the kernel and the names of containers', () => {
  expect(resolveHost({}, {}, `${'a'.repeat(51)}.example`).faults).toEqual([
    'host-name-too-long at HOST (key)',
  ]);
  expect(resolveHost({}, {}, `a.${'b'.repeat(60)}.com`).faults).toEqual(['host-name-too-long at HOST (key)']);
  expect(resolveHost({}, {}, 'mail').faults).toEqual(['domain-malformed at HOST (key)']);
});
