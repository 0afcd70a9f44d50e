// What BIND reads back is what was written.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeReal } from '../../../test/debian/debian13.ts';
import { UnescapableError } from '../escaped.ts';
import { zoneComment, zoneName, zoneText } from './zone.ts';

describe('a TXT value', () => {
  const good = (value: string, expected: string) => expect(zoneText(value)).toBe(expected);
  const bad = (value: string) => expect(() => zoneText(value)).toThrow(UnescapableError);

  it('is one quoted string', () => {
    good('v=spf1 mx -all', '"v=spf1 mx -all"');
    good('', '""');
  });

  it('is split where a character string ends, at 255 bytes', () => {
    good('a'.repeat(255), `"${'a'.repeat(255)}"`);
    good('a'.repeat(256), `"${'a'.repeat(255)}" "a"`);
  });

  it('keeps quotes, backslashes and semicolons inside the string', () => {
    good('a"b', '"a\\"b"');
    good('a\\', '"a\\\\"');
    good('v=DKIM1; p=x', '"v=DKIM1; p=x"');
  });

  it('is ASCII whatever it says', () => good('ü', '"\\195\\188"'));

  it('refuses what no record can hold', () => {
    bad('a\nb');
    bad('a\u0000');
    bad('\udc00');
    bad('a'.repeat(65_535)); // 256 more bytes say how long the strings are
  });
});

describe('a name in a zone', () => {
  const good = (name: string, origin: string | null, expected: string) =>
    expect(zoneName(name, origin)).toBe(expected);
  const bad = (name: string) => expect(() => zoneName(name)).toThrow(UnescapableError);

  it('is absolute, or relative to the origin', () => {
    good('mail.example.com', null, 'mail.example.com.');
    good('mail.example.com', 'example.com', 'mail');
    good('example.com', 'example.com', '@');
    good('mail.badexample.com', 'example.com', 'mail.badexample.com.');
    good('.', 'example.com', '.');
  });

  it('refuses what is no name', () => {
    bad('');
    bad('a..b');
    bad('a b');
    bad('a.b.'); // the last dot is written here
    bad('$ORIGIN');
    bad('x;y');
    bad('a'.repeat(64));
    bad(`${'a.'.repeat(126)}ab`);
  });
});

describe('a zone comment', () => {
  it('cannot leave its line', () => {
    expect(zoneComment('Robert; DROP')).toBe('Robert; DROP');
    expect(() => zoneComment('a\n@ MX 0 evil.example.')).toThrow(UnescapableError);
  });
});

describeReal('named-compilezone', (debian) => {
  it('reads back every TXT value as it was written', async () => {
    const values = fc
      .sample(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 300 }),
          fc
            .array(fc.constantFrom('"', '\\', ';', '$', '(', ')', '@', ' ', '\\000', 'ü', '\u202e'))
            .map((parts) => parts.join('')),
          fc.constant('x"\\'.repeat(3333)),
        ),
        200,
      )
      .map((value) => value.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Cs}/gu, ''));

    const zone = [
      '$TTL 60',
      '@ SOA ns.example.com. root.example.com. 1 1 1 1 60',
      '@ NS ns.example.net.',
      ...values.map((value, index) => `t${index} TXT ${zoneText(value)}`),
      '',
    ].join('\n');
    const { stdout, code } = await debian.run(
      ['named-compilezone', '-q', '-s', 'full', '-o', '-', 'example.com', '/zone'],
      { files: { '/zone': zone } },
    );

    expect(code).toBe(0);
    const read = new Map(
      stdout.split('\n').flatMap((line) => {
        const record = /^t(\d+)\.example\.com\.\s+60 IN TXT\s+(.*)$/.exec(line);
        return record === null ? [] : [[Number(record[1]), joinStrings(record[2] ?? '')] as const];
      }),
    );
    for (const [index, value] of values.entries()) expect(read.get(index)).toBe(value);
  });
});

/** A reader of its own for the canonical text that BIND prints. */
function joinStrings(text: string): string {
  const bytes: number[] = [];
  for (const [, string = ''] of text.matchAll(/"((?:\\.|[^"\\])*)"/gs)) {
    for (const [, digits, escaped, plain] of string.matchAll(/\\(\d{3})|\\(.)|(.)/gs)) {
      bytes.push(digits === undefined ? (escaped ?? plain ?? '').charCodeAt(0) : Number(digits));
    }
  }
  return Buffer.from(bytes).toString('utf8');
}
