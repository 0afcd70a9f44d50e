import { expect, test } from 'vitest';
import {
  formatIpAddress,
  formatIpRange,
  networkOf,
  parseIpAddress,
  parseIpRange,
  rangeHolds,
} from './ip-address.ts';

test.each([
  ['203.0.113.10', '203.0.113.10'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['::', '::'],
  ['1::', '1::'],
  ['::1', '::1'],
])('%s is written as %s (RFC 5952)', (text, canonical) => {
  const address = parseIpAddress(text);

  expect(address && formatIpAddress(address)).toBe(canonical);
});

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '256.1.1.1',
  '01.2.3.4',
  ' 1.2.3.4',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7::8:9',
  'fe80::1%eth0',
  '::ffff:1.2.3.4',
  '12345::',
  'g::',
])('"%s" is no address', (text) => {
  expect(parseIpAddress(text)).toBeNull();
});

test('a range knows its first address and what it holds', () => {
  const range = parseIpRange('172.30.5.9/22');
  const holds = (text: string) => {
    const address = parseIpAddress(text);
    return range !== null && address !== null && rangeHolds(range, address);
  };

  expect(range && formatIpRange(networkOf(range))).toBe('172.30.4.0/22');
  expect(['172.30.4.0', '172.30.7.255', '172.30.8.0', '::1'].map(holds)).toEqual([true, true, false, false]);
  expect(parseIpRange('10.0.0.0/33')).toBeNull();
  expect(parseIpRange('10.0.0.0/08')).toBeNull();
});
