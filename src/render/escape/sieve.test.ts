// What Pigeonhole compiles is what was written.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeReal } from '../../../test/debian/debian13.ts';
import { hostileText } from '../../../test/support/hostile-text.ts';
import { UnescapableError } from '../escaped.ts';
import { sieveString } from './sieve.ts';

const good = (value: string, expected: string) => expect(sieveString(value)).toBe(expected);
const bad = (value: string) => expect(() => sieveString(value)).toThrow(UnescapableError);

describe('a Sieve string', () => {
  it('stands in quotes, with backslashes before quotes and backslashes', () => {
    good('', '""');
    good('Junk', '"Junk"');
    good('a "quoted" \\', '"a \\"quoted\\" \\\\"');
    good('$1.50 /* no comment */ #', '"$1.50 /* no comment */ #"');
  });

  it('refuses control characters, and what variables would replace', () => {
    bad('a\r\nb');
    bad('a\u0000b');
    bad('$'.concat('{1}'));
    bad('\ud800');
  });
});

describeReal('Pigeonhole', (debian) => {
  /** sievec(1) says what it compiled; an assignment for each value. It shows 80 bytes of each. */
  const readBack = async (values: readonly string[]): Promise<readonly string[]> => {
    const commands = values.map((value) => `set "v" ${sieveString(value)};\n`).join('');
    const { code, stdout, stderr } = await debian.run(
      ['sievec', '-d', '-c', '/tmp/dovecot.conf', '/tmp/values.sieve', '-'],
      {
        files: {
          '/tmp/values.sieve': `require ["variables"];\n${commands}`,
          '/tmp/dovecot.conf': 'dovecot_config_version = 2.4.1\ndovecot_storage_version = 2.4.1\n',
        },
      },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return [...stdout.matchAll(/^\w+: +value: STR\[\d+\] "(.*)"$/gm)].map(([, value]) => value ?? '');
  };

  it('reads back every string as it was', async () => {
    const sayable = hostileText.filter((text) => !/\$\{/.test(text) && Buffer.byteLength(text) < 80);
    await fc.assert(
      fc.asyncProperty(fc.array(sayable, { minLength: 80, maxLength: 100 }), async (values) => {
        expect(await readBack(values)).toEqual(values);
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });
});
