import { expect, test } from 'vitest';
import { quote } from './quote.ts';

test('a value is shown in quotes, as it is', () => {
  expect(quote('bob@bücher.example')).toBe('"bob@bücher.example"');
});

test('nothing in a value can move the cursor, end the line or hide', () => {
  expect(quote('a\u001b[31m\n\u202eb\u00ad"\ud800')).toBe(
    '"a\\u{1b}[31m\\u{a}\\u{202e}b\\u{ad}\\"\\u{d800}"',
  );
});

test('a long value is cut', () => {
  expect(quote('x'.repeat(10_000))).toBe(`"${'x'.repeat(80)}…"`);
});
