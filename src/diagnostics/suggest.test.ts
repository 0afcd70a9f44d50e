import { expect, test } from 'vitest';
import { suggest } from './suggest.ts';

const keys = ['password', 'quota', 'send_as', 'enabled', 'moved_from'];

test('finds the word that was meant', () => {
  for (const [word, meant] of [
    ['qouta', 'quota'],
    ['quotaa', 'quota'],
    ['passwrd', 'password'],
    ['passwort', 'password'],
    ['sendas', 'send_as'],
    ['Enabled', 'enabled'],
    ['movedfrom', 'moved_from'],
  ] as const) {
    expect(suggest(word, keys), word).toBe(meant);
  }
});

test('counts two exchanged letters as one slip', () => {
  expect(suggest('ab', ['ba'])).toBe('ba');
  expect(suggest('bob@exmaple.com', ['rob@sample.com', 'bob@example.com'])).toBe('bob@example.com');
});

test('suggests nothing where nothing is near', () => {
  for (const word of ['', 'x', 'pin', 'catch_all', 'x'.repeat(10_000)]) {
    expect(suggest(word, keys), word.slice(0, 20)).toBeNull();
  }
  expect(suggest('#', ['+', '-'])).toBeNull();
  expect(suggest('quota', [])).toBeNull();
});

test('takes the first of those that are equally near', () => {
  expect(suggest('carl', ['card', 'care', 'karl'])).toBe('card');
});
