// When a record in DNS is the one that was wanted: as those who read it would say.

import { describe, expect, it } from 'vitest';
import { compareRecords, type RecordSet, relevant } from './compare.ts';
import type { DnsData } from './records.ts';

const text = (value: string): DnsData => ({ type: 'TXT', text: value });
const judge = (name: string, wanted: string, ...found: readonly string[]) => {
  const set: RecordSet = { name, type: 'TXT', wanted: [text(wanted)] };
  return compareRecords(set, relevant(set, found.map(text)));
};

describe('a DKIM key', () => {
  const key = (found: string) =>
    judge('s1._domainkey.example.com', 'v=DKIM1; h=sha256; k=rsa; p=MIIBabc', found);

  it.each([
    ['word for word', 'v=DKIM1; h=sha256; k=rsa; p=MIIBabc'],
    ['with what may be left out left out', 'p=MIIBabc'],
    ['with white space in the key', 'v=DKIM1;k=rsa;p=MIIB abc;'],
    ['for mail among other services', 'v=DKIM1; s=email; p=MIIBabc'],
  ])('is published %s', (_, found) => expect(key(found)).toBe('same'));

  it.each([
    ['is another', 'v=DKIM1; k=rsa; p=MIIBabd'],
    ['was revoked', 'v=DKIM1; p='],
    ['is being tested', 'v=DKIM1; t=y; p=MIIBabc'],
    ['is for SHA-1 only', 'v=DKIM1; h=sha1; p=MIIBabc'],
    ['is of another kind', 'v=DKIM1; k=ed25519; p=MIIBabc'],
  ])('that %s is not the one', (_, found) => expect(key(found)).toBe('different'));

  it('must be the only one at its name', () => {
    expect(judge('s1._domainkey.example.com', 'v=DKIM1; p=MIIB', 'p=MIIB', 'p=MIIC')).toBe('different');
    expect(judge('s1._domainkey.example.com', 'v=DKIM1; p=MIIB')).toBe('missing');
  });
});

describe('other TXT records of the name', () => {
  it('have nothing to do with it', () => {
    expect(judge('example.com', 'v=spf1 mx ~all', 'some-verification=1', 'V=SPF1  mx ~all')).toBe('same');
    expect(judge('example.com', 'v=spf1 mx ~all', 'some-verification=1')).toBe('missing');
  });

  it('do when they are of the same kind: two SPF records are none', () => {
    expect(judge('example.com', 'v=spf1 mx ~all', 'v=spf1 mx ~all', 'v=spf1 -all')).toBe('different');
  });
});

it('tags may stand in any order', () => {
  expect(
    judge(
      '_dmarc.example.com',
      'v=DMARC1; p=reject; rua=mailto:a@b.org',
      'v=DMARC1;rua=mailto:a@b.org;p=reject',
    ),
  ).toBe('same');
});

it('several records of a name may come in any order, and in any case', () => {
  const mx = (preference: number, exchange: string): DnsData => ({ type: 'MX', preference, exchange });
  const set: RecordSet = {
    name: 'example.com',
    type: 'MX',
    wanted: [mx(10, 'a.example.com'), mx(20, 'b.example.com')],
  };
  expect(compareRecords(set, [mx(20, 'B.example.com'), mx(10, 'a.example.com')])).toBe('same');
  expect(compareRecords(set, [mx(10, 'a.example.com')])).toBe('different');
});
