// What ClamAV reads back is what was written.

import { describe, expect, it } from 'vitest';
import { describeReal } from '../../../test/debian/debian13.ts';
import { UnescapableError } from '../escaped.ts';
import { clamavWord } from './clamav.ts';

const words = [
  '3310',
  '320864256',
  '0.0.0.0',
  '::',
  '/var/lib/clamav',
  'database.clamav.net',
  'x'.repeat(200),
];

const good = (value: string) => expect(clamavWord(value)).toBe(value);
const bad = (value: string) => expect(() => clamavWord(value)).toThrow(UnescapableError);

describe('a word for ClamAV', () => {
  it('is what numbers, names, addresses and paths are made of', () => {
    for (const word of words) good(word);
  });

  it('has nothing that would end it, begin a second line, or be cut', () => {
    for (const value of ['', 'a b', 'a\nb', '\u0000', '$', '%', '{', "'", '"', '\\', '#', '\u202e', 'ä'])
      bad(value);
    bad('x'.repeat(10_000));
  });
});

describeReal('ClamAV', (debian) => {
  it('reads back every word as it was', async () => {
    for (const word of words) {
      const files = { '/tmp/clamd.conf': `TemporaryDirectory ${clamavWord(word)}\n` };
      const { stdout } = await debian.run(['clamconf', '-c', '/tmp'], { files });
      expect(stdout).toContain(`\nTemporaryDirectory = "${word}"\n`);
    }
  });
});
