/**
 * Whatever a file holds: one clear error or a value, no exception, and no more memory than the file
 * deserves.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from './parse.ts';

const codes = (text: string) => parse([{ path: 'mail.yaml', text }]).diagnostics.map(({ code }) => code);

const MB = 1024 * 1024;

describe('a hostile file', () => {
  test.each([
    ['a NUL', 'a: \0b', 'control-character'],
    ['an escape sequence of terminals', 'a: \x1b[31mred', 'control-character'],
    ['an escape sequence in a comment', '# \x1b]0;title\x07\na: b', 'control-character'],
    ['half a code point', 'a: \uD83D b', 'control-character'],
    ['half a code point by escape', 'a: "\\ud83d"', 'control-character'],
    ['a line break by escape', 'a: "b\\nc"', 'control-character'],
    ['a C1 control', 'a: \x9b31m', 'control-character'],
    ['a character that is none', 'a: \uFFFF', 'control-character'],
    ['a file of another system', 'a: 1\rb: 2', 'control-character'],
    ['brackets without end', `a: ${'['.repeat(100_000)}`, 'yaml-too-deep'],
    ['braces without end', `a: ${'{a: '.repeat(100_000)}`, 'yaml-too-deep'],
    ['dashes without end', `a:\n ${'- '.repeat(100_000)}`, 'yaml-too-deep'],
    ['question marks without end', '? '.repeat(100_000), 'yaml-too-deep'],
    ['a staircase', stairs(2000), 'yaml-too-deep'],
    ['an unclosed quote', `a: "${'b\n '.repeat(100_000)}`, 'yaml-syntax'],
    ['colons without end', ': '.repeat(100_000), 'yaml-too-deep'],
    ['commas without items', `a: [${','.repeat(100_000)}]`, 'yaml-syntax'],
    ['closing brackets', `a: ${']'.repeat(100_000)}`, 'yaml-syntax'],
    ['a key that never ends', `${'a'.repeat(100_000)}: b`, 'yaml-syntax'],
  ])('with %s is one clear error', (_name, text, code) => {
    expect(codes(text)).toEqual([code]);
  });

  test('with a bomb of aliases is refused before anything is built from it', () => {
    const lines = Array.from({ length: 60 }, (_, n) => `a${n}: &a${n} [${`*a${n - 1}, `.repeat(100)}]`);
    expect(new Set(codes(lines.join('\n')))).toEqual(new Set(['yaml-alias']));
  });

  test('with values of any length is read', () => {
    const long = 'x'.repeat(MB);
    for (const text of [`a: ${long}`, `a: "${long}"`, `a: '${long}'`, `a: |-\n  ${long}`]) {
      const value = parse([{ path: 'mail.yaml', text }]).value?.[0]?.value as { readonly a: string };
      // Not toEqual: a failure would print megabytes.
      expect(value.a === long, text.slice(0, 5)).toBe(true);
    }
  });

  test('with the same key over and over shows the first thousand', () => {
    const found = codes('a: 1\n'.repeat(20_000));
    expect(found.length).toBe(1000);
    expect(new Set(found)).toEqual(new Set(['yaml-duplicate-key']));
  });

  test('of more than 64 MB is not looked at', () => {
    expect(codes(`a: "${'x'.repeat(64 * MB)}"`)).toEqual(['yaml-too-large']);
  });

  test('that is too large for all of YAML is pointed at where it leaves the plain layout', () => {
    const lines = ['a: 1', 'b: >', '  c', `d: [${'1, '.repeat(700_000)}]`];
    const { diagnostics } = parse([{ path: 'mail.yaml', text: lines.join('\n') }]);
    expect(diagnostics.map(({ code, position }) => [code, position?.line])).toEqual([['yaml-too-large', 2]]);
  });
});

describe('any text at all', () => {
  const character = fc.oneof(
    fc.constantFrom(...Array.from('ab:-?[]{}#&*!|>\'"%@`,.~ \t\n\r\\0')),
    fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code)),
  );

  test('gives a value or an error, and every error points into the text', () => {
    fc.assert(
      fc.property(fc.array(character, { maxLength: 60 }), (characters) => {
        const text = characters.join('');
        const { value, diagnostics } = parse([{ path: 'mail.yaml', text }]);
        expect(value === null).toBe(diagnostics.length > 0);
        const lines = text.split('\n');
        for (const { position } of diagnostics) {
          const length = [...(lines[(position?.line ?? 0) - 1] ?? '')].length;
          expect(position?.column).toBeLessThanOrEqual(length + 1);
          expect(position?.endColumn).toBeGreaterThan(position?.column ?? 0);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

/** Maps in maps, each a column deeper. */
function stairs(depth: number): string {
  return Array.from({ length: depth }, (_, n) => `${' '.repeat(n)}a:`).join('\n');
}
