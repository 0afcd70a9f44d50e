import { expect, test } from 'vitest';
import { error } from './diagnostic.ts';
import { inFileOrder } from './in-file-order.ts';

test('diagnostics stand in the order of the source: entry file, then includes, then those without a place', () => {
  const at = (file: string, line: number, column = 1) =>
    error('unknown-domain', { file, line, column, endColumn: column + 1 }, `${file}:${line}:${column}`);
  const nowhere = error('unknown-domain', null, 'nowhere');
  const found = [nowhere, at('a.yaml', 2), at('mail.yaml', 9), at('mail.yaml', 2, 5), at('mail.yaml', 2, 1)];

  expect(inFileOrder(found, 'mail.yaml').map(({ message }) => message)).toEqual([
    'mail.yaml:2:1',
    'mail.yaml:2:5',
    'mail.yaml:9:1',
    'a.yaml:2:1',
    'nowhere',
  ]);
});
