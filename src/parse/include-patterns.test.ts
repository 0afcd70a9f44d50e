import { describe, expect, test } from 'vitest';
import { includePatterns, matchesSegment } from './include-patterns.ts';

const entry = (text: string) => ({ path: 'mail.yaml', text });
const codes = (text: string) => includePatterns(entry(text)).diagnostics.map(({ code }) => code);

describe('includePatterns', () => {
  test('gives the names of folders and files, and where the pattern stands', () => {
    const { value } = includePatterns(entry('include: [./users/*.yaml, aliases.yaml]\n'));
    expect(value).toEqual([
      {
        pattern: './users/*.yaml',
        segments: ['users', '*.yaml'],
        position: { file: 'mail.yaml', line: 1, column: 11, endColumn: 25 },
      },
      {
        pattern: 'aliases.yaml',
        segments: ['aliases.yaml'],
        position: { file: 'mail.yaml', line: 1, column: 27, endColumn: 39 },
      },
    ]);
  });

  test('refuses what leaves the folder', () => {
    for (const path of [
      '../a.yaml',
      'a/../../b.yaml',
      '/etc/a.yaml',
      '~/a.yaml',
      'C:/a.yaml',
      '..\\a.yaml',
    ]) {
      expect(codes(`include: ['${path}']\n`), path).toEqual(['include-outside']);
    }
  });

  test('refuses wildcards that differ from program to program, and folders', () => {
    for (const path of ['**/a.yaml', 'a?.yaml', '[ab].yaml', '{a,b}.yaml', 'users/', '.']) {
      expect(codes(`include: ['${path}']\n`), path).toEqual(['include-pattern']);
    }
  });

  test('leaves to the stages what is wrong otherwise', () => {
    for (const text of ['include: 5\n', 'include: [5, ""]\n', 'include\n', '[', '', '- include\n', '{}']) {
      expect(includePatterns(entry(text)), text).toEqual({ value: [], diagnostics: [] });
    }
  });
});

describe('matchesSegment', () => {
  test('takes * for any part of a name', () => {
    for (const [segment, name] of [
      ['*', 'a'],
      ['*.yaml', 'a.yaml'],
      ['a*', 'a'],
      ['a*c*e', 'abcde'],
      ['a*b*b', 'abb'],
      ['.*', '.hidden'],
    ] as const) {
      expect(matchesSegment(segment, name), `${segment} ${name}`).toBe(true);
    }
  });

  test('takes everything else as it is', () => {
    for (const [segment, name] of [
      ['*', '.hidden'],
      ['*.yaml', 'a.yml'],
      ['a.yaml', 'aayaml'],
      ['a*a', 'a'],
      ['a*b*b', 'ab'],
      ['A', 'a'],
    ] as const) {
      expect(matchesSegment(segment, name), `${segment} ${name}`).toBe(false);
    }
  });
});
