import { describe, expect, test } from 'vitest';
import type { Path } from '../model/position.ts';
import type { SourceDocument } from '../model/source-document.ts';
import { parse } from './parse.ts';

const source = (text: string, path = 'mail.yaml') => ({ path, text });

function document(text: string): SourceDocument {
  const [first] = parse([source(text)]).value ?? [];
  if (first === undefined) throw new Error('the text does not parse');
  return first;
}

/** `line:column-endColumn` of a value, or of its key. */
function place(text: string, path: Path, part?: 'key' | 'value'): string {
  const { line, column, endColumn } = document(text).positionOf(path, part);
  return `${line}:${column}-${endColumn}`;
}

/** The same document in the plain layout, and in a layout that only the reader of all YAML knows. */
const layouts = [
  [
    'the plain layout',
    [
      'users:',
      '  bob@example.com:',
      '    quota: 5GB  # much',
      '    send_as: [sales@example.com, "info@example.com"]',
      '  alice@example.com: { quota: false }',
      'include:',
      '- users.yaml',
      'mail:',
    ].join('\n'),
  ],
  [
    'all of YAML',
    [
      '? users',
      ': bob@example.com:',
      '    quota: >-',
      '      5GB',
      '    send_as: [sales@example.com, "info@example.com"',
      '    ]',
      '  alice@example.com: { quota: !!bool false }'.replace('!!bool ', ''),
      'include:',
      '- users.yaml',
      'mail:',
    ].join('\n'),
  ],
] as const;

describe.each(layouts)('parse, in %s', (_name, text) => {
  test('gives plain values', () => {
    expect(document(text).value).toEqual({
      users: {
        'bob@example.com': { quota: '5GB', send_as: ['sales@example.com', 'info@example.com'] },
        'alice@example.com': { quota: false },
      },
      include: ['users.yaml'],
      mail: null,
    });
  });

  test('gives maps that inherit nothing', () => {
    const hostile = document(`${text}\n__proto__: { quota: 1GB }\nconstructor: 5\n`).value;
    expect(Object.getPrototypeOf(hostile)).toBeNull();
    expect(Object.keys(hostile ?? {})).toEqual(['users', 'include', 'mail', '__proto__', 'constructor']);
    expect(({} as { quota?: unknown }).quota).toBeUndefined();
  });
});

describe('positionOf', () => {
  const text = [
    '# head',
    'users:',
    '  bob@example.com:',
    '    quota: "5GB"  # much',
    '    send_as: [sales@example.com, info@example.com]',
    'mail:',
    'include:',
    '- users.yaml',
  ].join('\n');

  test('is where a value stands, or its key', () => {
    expect(place(text, ['users', 'bob@example.com', 'quota'])).toBe('4:12-17');
    expect(place(text, ['users', 'bob@example.com', 'quota'], 'key')).toBe('4:5-10');
    expect(place(text, ['users', 'bob@example.com', 'send_as', 1])).toBe('5:34-50');
    expect(place(text, ['users', 'bob@example.com', 'send_as'])).toBe('5:14-51');
    expect(place(text, ['include', 0])).toBe('8:3-13');
  });

  test('is the first key of a map, the first dash of a list, the key of nothing', () => {
    expect(place(text, [])).toBe('2:1-6');
    expect(place(text, ['users', 'bob@example.com'])).toBe('4:5-10');
    expect(place(text, ['include'])).toBe('8:1-2');
    expect(place(text, ['mail'])).toBe('6:1-5');
  });

  test('of something missing is the key of what lacks it', () => {
    expect(place(text, ['users', 'bob@example.com', 'password'])).toBe('3:3-18');
    expect(place(text, ['users', 'bob@example.com', 'send_as', 7, 'deeper'])).toBe('5:5-12');
    expect(place(text, ['hosts'])).toBe('2:1-6');
    expect(place('# nothing', [])).toBe('1:1-2');
  });

  test('counts code points, and neither the byte order mark nor the CR of a line end', () => {
    expect(place('\uFEFFa: 1', ['a'])).toBe('1:4-5');
    expect(place('a: b\r\nc: d\r\n', ['c'])).toBe('2:4-5');
    expect(place('"😀": 😀😀  # 😀\n', ['😀'])).toBe('1:6-8');
  });

  test('of a value over several lines ends with the first', () => {
    expect(place('a: b\n  c\n', ['a'])).toBe('1:4-5');
    expect(place('a: [b,\n  c]\n', ['a'])).toBe('1:4-7');
  });

  test('finds entries of large maps and lists', () => {
    const keys = Array.from({ length: 3000 }, (_, n) => `k${n}: v`).join('\n');
    expect(place(keys, ['k2999'])).toBe('3000:8-9');
    const items = Array.from({ length: 3000 }, (_, n) => `- v${n}`).join('\n');
    expect(place(items, [2999])).toBe('3000:3-8');
  });
});

describe('parse', () => {
  test('reports the mistakes of all files at once', () => {
    const { value, diagnostics } = parse([
      source('a: 1\n'),
      source('a: [\n', 'one.yaml'),
      source('a: 1\na: 2\n', 'two.yaml'),
    ]);
    expect(value).toBeNull();
    expect(diagnostics.map(({ code, position }) => `${position?.file} ${code}`)).toEqual([
      'one.yaml yaml-syntax',
      'two.yaml yaml-duplicate-key',
    ]);
  });

  test('gives the same document for the same file object, so that nothing is parsed twice', () => {
    const file = source('include: [a.yaml]\n');
    expect(parse([file]).value?.[0]).toBe(parse([file]).value?.[0]);
  });

  test('takes an empty file and one of comments for null', () => {
    for (const text of ['', '\n', '# nothing\n', '---\n', '\uFEFF', '...\n']) {
      expect(document(text).value, JSON.stringify(text)).toBeNull();
    }
  });

  test('accepts a file that ends its document', () => {
    expect(document('---\na: 1\n...\n').value).toEqual({ a: 1 });
  });
});
