import { expect, test } from 'vitest';
import { parseDomainName, parseRecordName } from './domain-name.ts';

test('the name of a record may have underscores where no host has them', () => {
  const names = ['_spf.Example.com', 'eu._spf-1.bücher.example', 'spf.example.com'];
  expect(names.map((name) => parseRecordName(name).value)).toEqual([
    '_spf.example.com',
    'eu._spf-1.xn--bcher-kva.example',
    'spf.example.com',
  ]);
  expect(parseDomainName('_spf.example.com').problem).not.toBeNull();
});

test.each([
  '_.example.com',
  '__spf.example.com',
  's_pf.example.com',
  `_${'x'.repeat(63)}.example.com`,
  '_spf',
  '_a b.c',
])('%s is none', (name) => {
  expect(parseRecordName(name).problem).not.toBeNull();
});

test.each(['mailc.invalid', 'MAILC.Invalid', 'mail.mailc.invalid'])('%s is for the probes alone', (name) => {
  expect(parseDomainName(name).problem).toBe("mailc.invalid is for mailc's own probes");
});
