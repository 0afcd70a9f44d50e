/** The fast reader says what the reference reader says, or nothing. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Path } from '../model/position.ts';
import type { PlainValue, SourceFile } from '../model/source-document.ts';
import { type AnyYaml, readAnyYaml } from './any-yaml.ts';
import { refuseUnprintable } from './characters.ts';
import { lineIndex } from './line-index.ts';
import { documentOf } from './parse-file.ts';
import { type PlainLayout, readPlainLayout } from './plain-layout.ts';

/** Lines as people write them, and every trap of the core schema and of the block structure. */
const scalar = fc.oneof(
  fc.constantFrom(
    'bob@example.com',
    'a',
    'a b',
    '0123',
    '123',
    '-5',
    '+1',
    '1e3',
    '.5',
    '5.',
    '1.50',
    '.',
    '-',
    '- -',
    '...',
    '---',
    '~',
    'null',
    'Null',
    'nUll',
    'true',
    'TRUE',
    'yes',
    'False',
    '0x1F',
    '0o17',
    '0b1',
    '.inf',
    '-.INF',
    '.nan',
    '1:30',
    '2001:db8::10',
    '"2001:db8::10"',
    '"x # y"',
    '"a: b"',
    '"a\\"b"',
    '"a\\\\"',
    '"a\\nb"',
    '"\\u00e9"',
    '""',
    "''",
    "'it''s'",
    "'a'b",
    '"a" b',
    '"a"#c',
    'a#b',
    'a #b',
    'a:b',
    'a: b',
    ':a',
    '::',
    '?a',
    '? a',
    '-a',
    '*a',
    '&a b',
    '!t a',
    '|',
    '>-',
    '%a',
    '@a',
    '`a`',
    'a\tb',
    'a\t',
    '\ta',
    'ä',
    '日本',
    '😀',
    '\u2028',
    '$6$rounds=50000$salt$hash./',
    '<<',
    '=',
    'a,b',
    'a]',
    'a}',
    'a[0]',
    '{}',
    '[]',
    '[a, b]',
    '[a,b]',
    '[ a , "b" , ]',
    '[a, [b, {c: d}]]',
    '{a: b, c: 1}',
    '{ "a b": [1, ~], c: }',
    '{a:b}',
    '{a: b: c}',
    '{a}',
    '{"a":1}',
    '[a: b]',
    '[a #b]',
    '[-1, -a, - ]',
    '[a',
    '{a: b',
    '[?a, :b]',
    '{a: b}}',
    '[a] b',
    '[a]: b',
    '[,]',
    '[a,,b]',
    '{127.0.0.[2..11]: 3}',
  ),
  fc.string({ unit: fc.constantFrom(...'ab0.:#-?"\'[]{},& \t~'.split('')), maxLength: 6 }),
);
const key = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'c',
    'users',
    'bob@example.com',
    '"quoted"',
    "'q'",
    '1',
    'true',
    '~',
    'a b',
    '__proto__',
    'constructor',
    '<<',
    '-a',
  ),
  scalar,
);
const gap = fc.constantFrom(' ', ' ', ' ', '', '  ', '\t', ' \t');
const tail = fc.constantFrom('', '', '', '', ' ', '  ', ' # comment', '#no', ' #', '\t# tab', ' \t');
const content = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(key, gap, scalar).map(([k, g, v]) => `${k}:${g}${v}`) },
  { weight: 3, arbitrary: key.map((k) => `${k}:`) },
  { weight: 2, arbitrary: fc.tuple(gap, scalar).map(([g, v]) => `-${g}${v}`) },
  { weight: 1, arbitrary: fc.tuple(gap, key, scalar).map(([g, k, v]) => `-${g}${k}: ${v}`) },
  { weight: 1, arbitrary: scalar },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '# comment',
      '---',
      '...',
      '--- a',
      '? a',
      ': b',
      '-',
      '- - a',
      '- a: b',
      '%YAML 1.2',
    ),
  },
);
const line = fc.tuple(fc.constantFrom(0, 0, 0, 2, 2, 4, 4, 1, 3, 6), content, tail);
const text = fc
  .tuple(
    fc.constantFrom('', '', '', '---\n', '# head\n---\n', '\n'),
    fc.array(line, { maxLength: 8 }),
    fc.constantFrom('\n', '\n', '\n', '\r\n'),
    fc.constantFrom('', '\n', '\n\n', ' '),
  )
  .map(([head, lines, eol, end]) => head + lines.map(([n, c, t]) => ' '.repeat(n) + c + t).join(eol) + end);

const mostlyOrdinary = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      'bob@example.com',
      '5GB',
      'true',
      '25',
      '"a # b"',
      "'it''s'",
      '[a, "b"]',
      '{ a: 1 }',
    ),
  },
  { weight: 1, arbitrary: scalar },
);

/** Lines that mostly are in the plain layout, so that the property is not proved by giving up. */
const plainText = fc
  .tuple(
    fc.array(
      fc.tuple(
        fc.uniqueArray(fc.constantFrom('a', 'b@c.d', '"q r"', "'s'", 't u'), { minLength: 1 }),
        fc.constantFrom('map', 'list', 'maps', 'same', 'empty'),
        fc.array(mostlyOrdinary, { minLength: 1, maxLength: 3 }),

        tail,
      ),
      { minLength: 1, maxLength: 4 },
    ),
    fc.constantFrom('\n', '\r\n', '\n\n', '\n  # between\n'),
  )
  .map(([entries, eol]) =>
    entries
      .flatMap(([keys, shape, values, end], n) => {
        const value = (at: number): string => values[at % values.length] ?? '';
        if (shape === 'empty') return [`k${n}:${end}`];
        if (shape === 'list') return [`k${n}:`, ...values.map((v) => `  - ${v}${end}`)];
        if (shape === 'same') return [`k${n}:${end}`, ...values.map((v) => `- ${v}`)];
        if (shape === 'maps')
          return [`k${n}:`, ...keys.map((k, at) => `${at === 0 ? '  - ' : '    '}${k}: ${value(at)}${end}`)];
        return [`k${n}:${end}`, ...keys.map((k, at) => `    ${k} : ${value(at)}${end}`)];
      })
      .join(eol),
  );

const fast = (source: string): PlainLayout => readPlainLayout(source);
const reference = (source: string): AnyYaml => readAnyYaml(source, lineIndex('a.yaml', source).positionOf, 0);

/** Every value of a document with the places of it and of its key. */
function everything(source: string, read: Extract<PlainLayout | AnyYaml, { kind: 'read' }>): unknown {
  const file: SourceFile = { path: 'a.yaml', text: source };
  const document = documentOf(file, read, lineIndex(file.path, source));
  const found: unknown[] = [];
  const visit = (value: PlainValue, path: Path): void => {
    const places = [document.positionOf(path, 'key'), document.positionOf(path, 'value')];
    if (Array.isArray(value)) {
      found.push([path, 'list', places]);
      for (const [at, item] of value.entries()) visit(item, [...path, at]);
    } else if (value !== null && typeof value === 'object') {
      found.push([path, Object.getPrototypeOf(value), Object.keys(value), places]);
      for (const [name, item] of Object.entries(value)) visit(item, [...path, name]);
    } else found.push([path, value, places]);
  };
  visit(document.value, []);
  return [found, document.positionOf(['a', 'b', 0, 'missing'])];
}

function expectAgreement(source: string): boolean {
  fc.pre(refuseUnprintable(source, lineIndex('a.yaml', source).positionOf) === null);
  const plain = fast(source);
  if (plain.kind === 'gave-up') return false;
  const any = reference(source);
  expect(any.kind === 'refused' ? any.diagnostics : any.kind).toBe('read');
  if (any.kind === 'read') expect(everything(source, plain)).toStrictEqual(everything(source, any));
  return true;
}

describe('readPlainLayout', () => {
  test('agrees with the reference reader on values and positions, or gives up', () => {
    fc.assert(
      fc.property(text, (source) => {
        expectAgreement(source);
      }),
      { numRuns: 3000 },
    );
  });

  test('agrees with it on files that are nearly plain, and reads many of them', () => {
    let read = 0;
    fc.assert(
      fc.property(plainText, (source) => {
        if (expectAgreement(source)) read += 1;
      }),
      { numRuns: 2000 },
    );
    expect(read).toBeGreaterThan(500);
  });

  test('reads what mail.yaml is written in', () => {
    const source = [
      '# yaml-language-server: $schema=./schema/mail.schema.json',
      '---',
      'version: 1',
      '',
      'hosts:',
      '  mail.example.com:                       # the one',
      '    addresses: [203.0.113.10, "2001:db8::10"]',
      '    tls: { letsencrypt: example.com }',
      'postscreen:',
      '  dnsbl:',
      '    - domain: zen.spamhaus.org',
      "      reply: '127.0.0.[2..11]'",
      '      weight: 3',
      '    - { domain: list.dnswl.org, weight: -2, }',
      'users:',
      '  bob@example.com:',
      '    password: "$6$rounds=50000$saltsaltsaltsalt$hash./"',
      '    enabled: false',
      '',
      '  # the other one',
      '  "alice@example.com": {}',
      'aliases:',
      '  team@example.com:',
      '  - bob@example.com',
      '  - "alice@example.com"',
      'include:',
    ].join('\n');
    for (const text of [source, `${source}\n`, source.replaceAll('\n', '\r\n')]) {
      expect(fast(text).kind).toBe('read');
      expect(expectAgreement(text)).toBe(true);
    }
  });

  test.each([
    ['a line that goes on in the next', 'a: b\n   c'],
    ['a quoted value that does', 'a: "b\n  c"'],
    ['brackets that do', 'a: [b,\n  c]'],
    ['a block of text', 'a: |\n  b'],
    ['an anchor', 'a: &b c'],
    ['a tag', 'a: !b c'],
    ['a tab', 'a:\tb'],
    ['an explicit key', '? a\n: b'],
    ['a list in a list in one line', '- - a'],
    ['a second document', 'a: b\n---\nc: d'],
    ['a duplicate key', 'a: b\na: c'],
    ['a key that is no text', '1: b'],
    ['a numbered escape sequence', 'a: "\\u0041"'],
    ['an indentation that fits nothing', 'a:\n    b: c\n  d: e'],
    ['a text alone', 'a'],
  ])('leaves %s to the other reader', (_name, source) => {
    expect(fast(source).kind).toBe('gave-up');
  });
});
