import { expect, test } from 'vitest';
import { faults, resolved } from '../../test/support/resolving.ts';
import type { MailYaml } from '../model/mail-yaml.generated.ts';

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
