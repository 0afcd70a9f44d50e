import { expect, test } from 'vitest';
import { hidingUrlPasswords } from './hide-url-passwords.ts';
import type { Io } from './io.ts';

/** What reaches the terminal of a text that repeats the words. */
function printed(words: readonly string[], text: string): string {
  const lines: string[] = [];
  const io = { environment: {}, stdout: () => {}, stderr: (line: string) => lines.push(line) };
  hidingUrlPasswords(io as unknown as Io, words).stderr(text);
  return lines.join('');
}

test.each([
  [
    'postgresql://bob:secret@localhost/mail',
    'no file postgresql://bob:secret@localhost/mail',
    'no file postgresql://bob:***@localhost/mail',
  ],
  [
    '--database=postgres://bob:s@@c/r:e"t@localhost',
    '"postgres://bob:s@@c/r:e\\"t@localhost"',
    '"postgres://bob:***@localhost"',
  ],
  ['mysql://:secret@localhost', 'mysql://:secret@localhost', 'mysql://:***@localhost'],
  ['postgresql:/bob:secret@localhost', 'postgresql:/bob:secret@localhost', 'postgresql:/bob:***@localhost'],
  ['postgresql://bob:secret@localhost', 'no file "bob:secret@localhost"', 'no file "bob:***@localhost"'],
  ['postgresql://bob:secret@localhost', 'postgresql://bob:secr… is none', 'postgresql://bob:*** is none'],
  [
    'postgresql://bob:two words@localhost',
    'postgresql://bob:two words@localhost',
    'postgresql://bob:***@localhost',
  ],
])('%s', (word, text, hidden) => {
  expect(printed(['plan', word], text)).toBe(hidden);
});

test('other words and texts stay as they are', () => {
  const text =
    'secret: bob@example.com mail.yaml:12:3 https://example.com:8080/a@b postgresql://localhost/mail\n';
  expect(printed(['plan', 'postgresql://localhost/mail', 'bob@example.com'], text)).toBe(text);
});
