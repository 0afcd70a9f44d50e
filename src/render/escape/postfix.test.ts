// What Postfix reads back is what was written.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeReal } from '../../../test/debian/debian13.ts';
import { UnescapableError } from '../escaped.ts';
import { postfixPattern, postfixTableText, postfixValue, postfixWord } from './postfix.ts';

/** What some reader of Postfix acts on somewhere. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.constantFrom('$', '$$', '${', '$(x)', '%s', '{', '}', "'", '"', '\\', '#', ',', ';', '=', ':', '/'),
      fc.constantFrom(
        '.',
        '*',
        '+',
        '?',
        '^',
        '|',
        '(',
        ')',
        '[',
        ']',
        '!',
        '<',
        ' ',
        '\t',
        '\n',
        '\r',
        '\0',
      ),
      fc.constantFrom('\u202e', '\u200f', '\u2028', '\u0085', 'é', '🙂'),
    ),
    { maxLength: 10 },
  )
  .map((parts) => parts.join(''));

/** The escaped values of those that were not refused. */
function survivors(values: readonly string[], write: (value: string) => string): Map<string, string> {
  const escaped = new Map<string, string>();
  for (const value of values) {
    try {
      escaped.set(value, write(value));
    } catch (error) {
      expect(error).toBeInstanceOf(UnescapableError);
    }
  }
  return escaped;
}

const sample = fc.sample(hostile, { numRuns: 2_000, seed: 1 }).concat(`$\\"{'}#`.repeat(1_500));

/** Mostly of the characters that words have. */
const wordLike = fc.sample(fc.stringMatching(/^[A-Za-z0-9._/:;=@*+[\]$ -]{1,20}$/), {
  numRuns: 2_000,
  seed: 1,
});

describe('a value of main.cf', () => {
  const good = (value: string, expected: string) => expect(postfixValue(value)).toBe(expected);
  const bad = (value: string) => expect(() => postfixValue(value)).toThrow(UnescapableError);

  it('stands for itself but for the dollar sign', () => {
    good('+', '+');
    good('', '');
    good('costs $5#1 {x} "y"', 'costs $$5#1 {x} "y"');
  });

  it('is refused when a line cannot hold it, or would cut it off', () => {
    bad('a\nmynetworks = 0.0.0.0/0');
    bad('a\r');
    bad('a\tb');
    bad('a\u0000');
    bad(' a');
    bad('a ');
    bad('a # b');
    bad('a,#b');
  });
});

describe('a word', () => {
  const good = (value: string) => expect(postfixWord(value)).toBe(value);
  const bad = (value: string) => expect(() => postfixWord(value)).toThrow(UnescapableError);

  it('is a host, range, number, path or block list as it is', () => {
    good('mail.example.com');
    good('172.30.0.0/24');
    good('[fd00::]/64');
    good('/etc/letsencrypt/live/example.com/privkey.pem');
    good('zen.spamhaus.org=127.0.0.[2..11]*3');
  });

  it('is refused when it would be two, an option or a reference', () => {
    bad('');
    bad('a b');
    bad('a,b');
    bad('-o');
    bad('$x');
    bad('{a');
    bad('a\n');
    bad('!a');
    bad('é');
  });
});

describe('text of a table', () => {
  it('stands for itself', () => {
    expect(postfixTableText('user:p$a{s}s #1 "x"')).toBe('user:p$a{s}s #1 "x"');
  });

  it('is refused when the table could not give it back', () => {
    for (const value of ['', ' a', 'a ', 'a\nb', 'a\u0000']) {
      expect(() => postfixTableText(value)).toThrow(UnescapableError);
    }
  });
});

describe('a pattern', () => {
  it('finds the text that it was made of', () => {
    expect(postfixPattern('a.b/c')).toBe('a\\.b\\/c');
    expect(() => postfixPattern('a\n/./ OK')).toThrow(UnescapableError);
  });
});

describeReal('as Postfix reads them', (debian) => {
  it.each([
    ['values', postfixValue, sample],
    ['words', postfixWord, [...sample, ...wordLike]],
  ])('%s of main.cf are what they were', async (_, write, tried) => {
    const values = [...survivors(tried, write)].filter(([value]) => value !== '');
    const names = values.map((_, index) => `value${index}`);
    const file = [
      ...values.map(([, escaped], index) => `value${index} = ${escaped}\n`),
      // postconf shows parameters that something refers to.
      `smtpd_banner = ${names.map((name) => `$${name}`).join(' ')}\n`,
    ];
    const { stdout, stderr } = await debian.run(['sh', '-c', 'xargs postconf -c /tmp/postfix -xh'], {
      files: {
        '/tmp/postfix/main.cf': `compatibility_level = 3.10\n${file.join('')}`,
        '/tmp/postfix/master.cf': '',
      },
      stdin: names.join('\n'),
    });
    expect(stderr).toBe('');
    expect(stdout.split('\n').slice(0, -1)).toEqual(values.map(([value]) => value));
    expect(values.length).toBeGreaterThan(100);
  });

  it('texts of a table are what they were', async () => {
    const values = [...survivors(sample, postfixTableText)];
    const { stdout, stderr } = await debian.run(['postmap', '-q', '-', 'texthash:/tmp/table'], {
      files: { '/tmp/table': values.map(([, escaped], index) => `key${index} ${escaped}\n`).join('') },
      stdin: values.map((_, index) => `key${index}\n`).join(''),
    });
    expect(stderr).toBe('');
    expect(stdout.split('\n').slice(0, -1)).toEqual(values.map(([value], index) => `key${index}\t${value}`));
    expect(values.length).toBeGreaterThan(500);
  });

  it('patterns find what they were made of, and nothing else', async () => {
    // postmap cuts off white space around keys, and a table finds the first of what differs in case only.
    const values = [...survivors(sample, postfixPattern).keys()].filter(
      (value) => value !== '' && value === value.trim() && value.length < 10_000,
    );
    const { stdout, stderr } = await debian.run(['postmap', '-q', '-', 'regexp:/tmp/table'], {
      files: {
        '/tmp/table': values.map((value, index) => `/^${postfixPattern(value)}$/ ${index}\n`).join(''),
      },
      stdin: values.map((value) => `${value}\nx${value}\n`).join(''),
    });
    expect(stderr).toBe('');
    const found = new Map(
      stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => [
          line.slice(0, line.lastIndexOf('\t')),
          Number(line.slice(line.lastIndexOf('\t') + 1)),
        ]),
    );
    const folded = values.map((value) => value.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()));
    const expected = new Map<string, number>();
    for (const value of values.flatMap((value) => [value, `x${value}`])) {
      const index = folded.indexOf(value.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()));
      if (index >= 0) expected.set(value, index);
    }
    expect(found).toEqual(expected);
    expect(values.length).toBeGreaterThan(500);
  });
});
