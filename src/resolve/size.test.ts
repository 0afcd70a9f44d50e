import { expect, test } from 'vitest';
import { bytesOf, formatSize } from './size.ts';

test.each([
  ['1B', 1],
  ['64KB', 65_536],
  ['1.5 MiB', 1_572_864],
  ['5GB', 5_368_709_120],
  ['2TB', 2_199_023_255_552],
  ['0.0001KB', 0],
])('%s is %i bytes', (size, bytes) => {
  expect(bytesOf(size)).toBe(bytes);
});

test('sizes are shown in the largest unit that leaves no rest', () => {
  expect([1, 65_536, 1_572_864, 5 * 1024 ** 3].map(formatSize)).toEqual(['1B', '64KB', '1536KB', '5GB']);
});
