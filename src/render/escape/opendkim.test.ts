// What OpenDKIM reads back is what was written.

import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeReal } from '../../../test/debian/debian13.ts';
import { UnescapableError } from '../escaped.ts';
import { opendkimWord } from './opendkim.ts';

describe('a word of OpenDKIM', () => {
  const good = (value: string) => expect(opendkimWord(value)).toBe(value);
  const bad = (value: string) => expect(() => opendkimWord(value)).toThrow(UnescapableError);

  it('is a domain, selector, number or path as it is', () => {
    good('example.com');
    good('xn--bcher-kva.example');
    good('y2026');
    good('8891');
    good('/run/opendkim/keys/example.com.mail.pem');
  });

  it('is refused when a table would read it as something else', () => {
    bad('');
    bad('a b');
    bad('a:b');
    bad('a,b');
    bad('a#b');
    bad('%');
    bad('*');
    bad('-a');
    bad('a\nb c:d:/e');
    bad('a\u0000');
    bad('b\u00fccher.example');
    bad('a\u202e');
  });
});

describeReal('as OpenDKIM reads them', (debian) => {
  it('words of its tables are what they were', async () => {
    const words = fc
      .sample(fc.oneof(fc.string(), fc.stringMatching(/^[\w./ :%*-]{1,20}$/)), { numRuns: 500, seed: 1 })
      .filter((value) => {
        try {
          return opendkimWord(value) === value;
        } catch {
          return false;
        }
      });
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { stdout, stderr } = await debian.run(['opendkim-genzone', '-F', 'file:/tmp/KeyTable'], {
      files: {
        '/tmp/key': privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        '/tmp/KeyTable': words.map((word, index) => `${index} ${word}:${word}:/tmp/key\n`).join(''),
      },
    });
    expect(stderr).toBe('');
    expect([...stdout.matchAll(/^(.*)\tIN\tTXT\t/gm)].map(([, name]) => name).sort()).toEqual(
      words.map((word) => `${word}._domainkey.${word}.`).sort(),
    );
    expect(words.length).toBeGreaterThan(50);
  });
});
