// What Perl reads back is what was written.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeReal } from '../../../test/debian/debian13.ts';
import { hostileText } from '../../../test/support/hostile-text.ts';
import { UnescapableError } from '../escaped.ts';
import { perlNumber, perlString } from './perl.ts';

const good = (value: string, expected: string) => expect(perlString(value)).toBe(expected);
const bad = (value: string) => expect(() => perlString(value)).toThrow(UnescapableError);

describe('a Perl string', () => {
  it('stands between single quotes, where nothing is interpolated', () => {
    good('', "''");
    good('mail.example.com', "'mail.example.com'");
    good('$x @y', "'$x @y'");
    good("it's", "'it\\'s'");
    good('back\\slash\\', "'back\\\\slash\\\\'");
  });

  it('refuses what nobody would type into a configuration', () => {
    bad('a\nb');
    bad('a\u0000b');
    bad('\u009f');
    bad('\udc00');
  });
});

describe('a Perl number', () => {
  it('is written as it is', () => {
    expect(perlNumber(6.31)).toBe('6.31');
    expect(perlNumber(-999)).toBe('-999');
  });

  it('is a number', () => {
    expect(() => perlNumber(Number.NaN)).toThrow(RangeError);
    expect(() => perlNumber(Number.POSITIVE_INFINITY)).toThrow(RangeError);
  });
});

describeReal('Perl', (debian) => {
  /** As amavisd reads its configuration: a file that is run. */
  const readBack = async (values: readonly string[]): Promise<readonly string[]> => {
    const content = `use strict;\n@main::values = (\n${values.map((value) => `${perlString(value)},\n`).join('')});\n1;\n`;
    const { stdout, stderr } = await debian.run(
      ['perl', '-we', 'our @values; do "/tmp/values.pl" or die $@; print map { "$_\\n" } @values'],
      { files: { '/tmp/values.pl': content } },
    );
    expect(stderr).toBe('');
    return stdout.split('\n').slice(0, -1);
  };

  it('reads back every string as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hostileText, { minLength: 80, maxLength: 100 }), async (values) => {
        expect(await readBack(values)).toEqual(values);
      }),
      { numRuns: 5, endOnFailure: true },
    );
  });

  it('reads back 10,000 characters', async () => {
    const long = `$'"\\@`.repeat(2000);
    expect(await readBack([long, 'next'])).toEqual([long, 'next']);
  });
});
