import { expect, test } from 'vitest';
import { aMailSystem } from '../../test/support/a-mail-system.ts';
import { containerName } from './endpoints.ts';

test('on a single host each service answers under its own name', () => {
  const { endpoints } = aMailSystem();

  expect(endpoints['mail.example.com']).toEqual({
    amavis: { container: 'amavis', port: 10024 },
    clamd: { container: 'clamav', port: 3310 },
    database: { container: 'postgres', port: 5432 },
    lmtp: { container: 'dovecot', port: 24 },
    milter: { container: 'opendkim', port: 8891 },
    'quota-status': { container: 'dovecot', port: 12340 },
    reinjection: { container: 'postfix', port: 10025 },
    sasl: { container: 'dovecot', port: 12345 },
    'virus-milter': { container: 'clamav', port: 7357 },
  });
});

test('a host prefers the service that runs beside it, and takes the first other host for the rest', () => {
  const { endpoints } = aMailSystem({
    hosts: [
      { name: 'mx1.example.com', services: ['postfix', 'amavis'] },
      { name: 'mx2.example.com', services: ['postfix', 'amavis'] },
      { name: 'store.example.com', services: ['dovecot', 'postgres'] },
    ],
  });

  expect(endpoints['mx2.example.com']).toMatchObject({
    amavis: { container: 'amavis-mx2' },
    database: { container: 'postgres' },
    clamd: null,
  });
  expect(endpoints['store.example.com']).toMatchObject({ amavis: { container: 'amavis-mx1' } });
});

test('two hosts with the same first label get container names with the whole host name', () => {
  const hosts = [
    { name: 'mail.example.com', services: ['postfix'] as const },
    { name: 'mail.example.org', services: ['postfix'] as const },
  ];

  expect(hosts.map((host) => containerName('postfix', host, hosts))).toEqual([
    'postfix-mail.example.com',
    'postfix-mail.example.org',
  ]);
});
