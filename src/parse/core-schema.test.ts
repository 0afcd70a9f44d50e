import { expect, test } from 'vitest';
import { resolvePlain } from './core-schema.ts';

test('texts stay texts, also those that YAML 1.1 took for something else', () => {
  for (const text of [
    'bob@example.com',
    'yes',
    'no',
    'on',
    'off',
    'y',
    '<<',
    '=',
    '5GB',
    '1:30',
    '0b1',
    '1_000',
  ]) {
    expect(resolvePlain(text)).toBe(text);
  }
  for (const text of [
    '203.0.113.10',
    '2001:db8::10',
    'nULL',
    'tRUE',
    '.',
    '-',
    '+',
    '.e1',
    '0x',
    '0o8',
    'e5',
    'fe80',
  ]) {
    expect(resolvePlain(text)).toBe(text);
  }
});

test('null, booleans and numbers are what the core schema says', () => {
  for (const text of ['~', 'null', 'Null', 'NULL']) expect(resolvePlain(text)).toBeNull();
  for (const text of ['true', 'True', 'TRUE']) expect(resolvePlain(text)).toBe(true);
  for (const text of ['false', 'False', 'FALSE']) expect(resolvePlain(text)).toBe(false);
  for (const [text, number] of [
    ['0123', 123],
    ['-0', -0],
    ['+1', 1],
    ['0x1F', 31],
    ['0o17', 15],
    ['1e3', 1000],
    ['.5', 0.5],
    ['5.', 5],
    ['-1.50E-1', -0.15],
    ['.inf', Infinity],
    ['-.INF', -Infinity],
    ['.NaN', Number.NaN],
  ] as const) {
    expect(resolvePlain(text), text).toBe(number);
  }
});
