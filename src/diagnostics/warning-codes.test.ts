import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { catalogue } from './catalogue/index.ts';
import { error, warning } from './diagnostic.ts';
import { exceptDisabled, warningCodes } from './warning-codes.ts';

test('the list has the codes that are reported as warnings, and no code of an error', () => {
  const folder = 'test/bad';
  const texts = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  const reported = texts.flatMap((name) =>
    [...readFileSync(`${folder}/${name}`, 'utf8').matchAll(/^(error|warning)\[([a-z0-9-]+)\]/gm)].map(
      ([, severity, code = '']) => ({ severity, code }),
    ),
  );
  const codes: ReadonlySet<string> = new Set(warningCodes);

  expect(reported.filter(({ severity, code }) => (severity === 'warning') !== codes.has(code))).toEqual([]);
});

test('the list is sorted, and each code has a page', () => {
  expect(warningCodes).toEqual([...warningCodes].sort());
  expect(warningCodes.filter((code) => !(code in catalogue))).toEqual([]);
});

test('switching off a code removes its warnings and never an error', () => {
  const off = warning('dkim-off', null, 'one');
  const kept = [warning('dmarc-policy-none', null, 'two'), error('alias-cycle', null, 'three')];

  expect(exceptDisabled([off, ...kept], ['dkim-off', 'alias-cycle'])).toEqual(kept);
});
