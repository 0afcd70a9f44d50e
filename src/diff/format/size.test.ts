import { expect, test } from 'vitest';
import { formatSize } from './size.ts';

test.each([
  [0, '0B'],
  [1023, '1023B'],
  [1024, '1KB'],
  [1536, '1.5KB'],
  [5 * 1024 ** 3, '5GB'],
  [1.25 * 1024 ** 4, '1.25TB'],
  [1024 ** 3 + 1, '1073741825B'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});
