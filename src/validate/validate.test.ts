/** How documents become one; what is said of each mistake stands in test/bad. */
import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { WrittenConfig } from '../model/written-config.ts';
import { parse } from '../parse/parse.ts';
import { validate } from './validate.ts';

function run(...texts: readonly string[]) {
  const names = ['mail.yaml', 'b.yaml', 'a.yaml'];
  const parsed = parse(texts.map((text, at) => ({ path: names[at] ?? 'more.yaml', text })));
  if (parsed.value === null) throw new Error('the texts do not parse');
  return validate(parsed.value);
}

function valid(...texts: readonly string[]): WrittenConfig {
  const { value, diagnostics } = run(...texts);
  expect(diagnostics).toEqual([]);
  if (value === null) throw new Error('a valid source has a value');
  return value;
}

const places = (diagnostics: readonly Diagnostic[]) =>
  diagnostics.map(({ code, position }) => `${code} ${position?.file}:${position?.line}:${position?.column}`);

const user = (name: string) => `  ${name}@example.com: { password: "$6$salt$hash" }`;

describe('validate', () => {
  test('gives what was typed, with nothing filled in', () => {
    const written = valid('version: 1\nmail: { quota: 5GB }\n');
    expect(written.config).toEqual({ version: 1, mail: { quota: '5GB' } });
    expect(written.positionOf(['mail', 'quota'])).toEqual({
      file: 'mail.yaml',
      line: 2,
      column: 16,
      endColumn: 19,
    });
  });

  test('takes a map whose entries are all commented out for an empty one', () => {
    const sections = ['hosts', 'domains', 'users', 'aliases', 'include'];
    valid(`version: 1\n${sections.map((section) => `${section}:\n  # none\n`).join('')}`);
  });

  test('merges the maps of included files, each value with its own place', () => {
    const written = valid(
      ['version: 1', 'users:', user('bob'), 'aliases:'].join('\n'),
      ['users:', user('alice'), 'aliases:', '  info@example.com: bob@example.com'].join('\n'),
      ['domains:', '  example.com:', 'users:', user('carol')].join('\n'),
    );
    expect(Object.keys(written.config.users ?? {})).toEqual([
      'bob@example.com',
      'alice@example.com',
      'carol@example.com',
    ]);
    expect(written.config.aliases).toEqual({ 'info@example.com': 'bob@example.com' });
    expect(written.config.domains).toEqual({ 'example.com': null });
    const lineOf = (...path: string[]) => {
      const { file, line } = written.positionOf(path);
      return `${file}:${line}`;
    };
    expect(lineOf('users', 'alice@example.com', 'password')).toBe('b.yaml:2');
    expect(lineOf('users', 'carol@example.com', 'quota')).toBe('a.yaml:4');
    expect(lineOf('domains', 'example.com')).toBe('a.yaml:2');
    expect(lineOf('users', 'nobody@example.com')).toBe('mail.yaml:2');
    expect(lineOf('version')).toBe('mail.yaml:1');
  });

  test('keeps keys that mean something to JavaScript', () => {
    const written = valid(
      'version: 1\naliases:\n  __proto__: a@example.com\n',
      'aliases:\n  constructor: a@example.com\n',
    );
    expect(Object.keys(written.config.aliases ?? {})).toEqual(['__proto__', 'constructor']);
  });

  test('reports in the order of files and lines, mail.yaml first, one diagnostic a place', () => {
    const { value, diagnostics } = run(
      'version: 2\nusers:\n  bob@example.com: { quota: 5, password: 5 }\n',
      'users:\n  b@example.com: 5\n',
      'usres: {}\naliases:\n  c@example.com: [c, 5, d]\n',
    );
    expect(value).toBeNull();
    expect(places(diagnostics)).toEqual([
      'value-invalid mail.yaml:1:10',
      'value-invalid mail.yaml:3:29',
      'secret-in-clear mail.yaml:3:42',
      'key-unknown a.yaml:1:1',
      'value-invalid a.yaml:3:19',
      'value-invalid a.yaml:3:22',
      'value-invalid a.yaml:3:25',
      'value-invalid b.yaml:2:18',
    ]);
  });

  test('looks at every entry of maps that are too large to be looked at in one go', () => {
    const entries = (line: (n: number) => string) =>
      Array.from({ length: 2500 }, (_, n) => line(n)).join('\n');
    const text = (quota: (n: number) => string) =>
      `version: 1\nusers:\n${entries((n) => `  u${n}@example.com: { password: x, quota: ${quota(n)} }`)}\n`;
    valid(
      text(() => '5GB'),
      `aliases:\n${entries((n) => `  a${n}@example.com: u${n}@example.com`)}\n`,
    );

    const { diagnostics } = run(text((n) => (n % 1000 === 999 ? '5' : '5GB')));
    expect(places(diagnostics)).toEqual([
      'value-invalid mail.yaml:1002:43',
      'value-invalid mail.yaml:2002:44',
    ]);
    expect(run(text(() => '5')).diagnostics.length).toBe(2500);
  });

  test('stops looking after ten thousand mistakes, and says so', () => {
    const lines = Array.from({ length: 12_000 }, (_, n) => `  a${n}@example.com: [5, 5]`);
    const { diagnostics } = run(['version: 1', 'aliases:', ...lines].join('\n'));
    expect(diagnostics.length).toBe(10_001);
    expect(diagnostics.at(-1)?.code).toBe('more-errors');
  });
});
