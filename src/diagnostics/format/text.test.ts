import { describe, expect, test } from 'vitest';
import type { Position } from '../../model/position.ts';
import { type Diagnostic, error, warning } from '../diagnostic.ts';
import { formatText } from './text.ts';

const file = (text: string) => [{ path: 'mail.yaml', text }];

function at(line: number, column: number, endColumn = column + 1): Position {
  return { file: 'mail.yaml', line, column, endColumn };
}

/** The frame of a diagnostic at a place of a text: the line and the carets below it. */
function frame(text: string, position: Position, extras: Parameters<typeof error>[3] = {}): string {
  const output = formatText([error('value-invalid', position, 'm', extras)], file(text));
  return output
    .split('\n')
    .slice(3, 5)
    .map((line) => line.slice(String(position.line).length + 3))
    .join('\n');
}

describe('formatText', () => {
  test('shows the rule, the place, the line, other places and the cure', () => {
    const text = 'aliases:\n  sales@example.com: rob@example.com\n';
    const diagnostics = [
      error('value-invalid', at(2, 22, 37), 'nobody has the address "rob@example.com"', {
        hint: 'did you mean "bob@example.com"?\nor somebody else',
        related: [{ message: 'of this map', position: at(1, 1, 8) }],
      }),
      warning('key-unknown', null, 'no file is to blame'),
    ];
    expect(formatText(diagnostics, file(text))).toBe(
      [
        'error[value-invalid]: nobody has the address "rob@example.com"',
        ' --> mail.yaml:2:22',
        '  |',
        '2 |   sales@example.com: rob@example.com',
        '  |                      ^^^^^^^^^^^^^^^',
        ' ::: mail.yaml:1:1',
        '  |',
        '1 | aliases:',
        '  | ------- of this map',
        '  = hint: did you mean "bob@example.com"?',
        '    or somebody else',
        '',
        'warning[key-unknown]: no file is to blame',
        '',
        '1 error, 1 warning',
        '',
      ].join('\n'),
    );
  });

  test('says nothing of nothing', () => {
    expect(formatText([], [])).toBe('');
  });

  test('colours only what it also writes', () => {
    const text = 'a: b\n';
    const diagnostics = [
      error('value-invalid', at(1, 4), 'm', { hint: 'h' }),
      warning('key-unknown', null, 'n'),
    ];
    const painted = formatText(diagnostics, file(text), (style, part) => `<${style}>${part}</${style}>`);
    expect(painted).toContain('<red>error[value-invalid]</red><bold>: m</bold>');
    expect(painted.replace(/<\/?(?:red|yellow|blue|cyan|bold)>/g, '')).toBe(
      formatText(diagnostics, file(text)),
    );
  });

  test('names files as the reader sees them, and leaves out lines that it does not have', () => {
    const output = formatText([error('value-invalid', at(1, 1), 'm')], [], undefined, 'infra/');
    expect(output).toBe('error[value-invalid]: m\n --> infra/mail.yaml:1:1\n\n1 error\n');
  });

  test('shows fifty and counts the rest', () => {
    const many: Diagnostic[] = Array.from({ length: 1234 }, () => error('value-invalid', null, 'm'));
    expect(formatText(many, [])).toMatch(/\n\n… and 1184 more\n\n1234 errors\n$/);
  });

  test('keeps a message of any length readable', () => {
    const output = formatText([error('value-invalid', null, `it begins ${'x'.repeat(10_000)} and ends`)], []);
    expect(output).toMatch(/it begins x+ … x+ and ends\n/);
    expect(output.length).toBeLessThan(700);
  });
});

describe('a frame', () => {
  test('marks below tabs, wide, combining and astral characters', () => {
    expect(frame('a:\tb', at(1, 4))).toBe('a:  b\n    ^');
    expect(frame('日本: b', at(1, 5))).toBe('日本: b\n      ^');
    expect(frame('日本: b', at(1, 1, 3))).toBe('日本: b\n^^^^');
    expect(frame('e\u0301: b', at(1, 5))).toBe('e\u0301: b\n   ^');
    expect(frame('😀: b', at(1, 4))).toBe('😀: b\n    ^');
  });

  test('marks one column behind a line that ends before the place', () => {
    expect(frame('a:', at(1, 3))).toBe('a:\n  ^');
    expect(frame('\na', at(1, 1))).toBe('\n^');
  });

  test('makes visible what a terminal would obey or hide', () => {
    expect(frame('a: \x1b[31mb\x07', at(1, 4))).toBe('a: <U+001B>[31mb<U+0007>\n   ^^^^^^^^');
    expect(frame('a: \u202Eb\u2066\u200Dc', at(1, 5))).toBe('a: <U+202E>b<U+2066><U+200D>c\n           ^');
    expect(frame('a:\u00A0b\uFEFF\u3164', at(1, 3))).toBe('a:<U+00A0>b<U+FEFF><U+3164>\n  ^^^^^^^^');
    expect(frame('a: \uD83D', at(1, 4))).toBe('a: <U+D83D>\n   ^^^^^^^^');
  });

  test('cuts a long line around the mark', () => {
    const line = `${'a'.repeat(500)}X${'b'.repeat(500)}`;
    expect(frame(line, at(1, 501))).toBe(`…${'a'.repeat(40)}X${'b'.repeat(59)}…\n${' '.repeat(41)}^`);
    expect(frame(line, at(1, 1, 1002))).toBe(`${'a'.repeat(100)}…\n${'^'.repeat(100)}`);
    const [shown = ''] = frame('日'.repeat(10_000_000), at(1, 5_000_000)).split('\n');
    expect([...shown].length).toBe(52);
  });
});

describe('what may be a secret', () => {
  const stars = (text: string, line: number, column: number, endColumn?: number, concealed = false): string =>
    frame(text, at(line, column, endColumn), { concealed });

  test('is not shown behind a key that names it, whatever the diagnostic is about', () => {
    expect(stars('  password: hunter2', 1, 3, 11)).toBe('  password: ***\n  ^^^^^^^^');
    expect(stars('  "password" : "hunter2" # x', 1, 18)).toBe('  "password" : *** # x\n               ^^^');
    expect(stars('b@c.d: { password: "hunter2", qouta: 5 }', 1, 31, 36)).toBe(
      'b@c.d: { password: ***, qouta: 5 }\n                        ^^^^^',
    );
    expect(stars('b@c.d: { password: hunter2, qouta: 5 }', 1, 29, 34)).toBe(
      'b@c.d: { password: ***\n                   ^^^',
    );
    expect(stars("password: 'it's hunter2'", 1, 1)).toBe('password: ***\n^');
    expect(stars('password: "hun\\"ter2"', 1, 1)).toBe('password: ***\n^');
    expect(stars('password=hunter2', 1, 1)).toBe('password=***\n^');
    expect(stars('password hunter2', 1, 1)).toBe('password ***\n^');
    expect(stars('client_secret: hunter2', 1, 1)).toBe('client_secret: ***\n^');
  });

  test('is not shown in the lines below that key', () => {
    expect(stars('password:\n  hunter2', 2, 3)).toBe('  ***\n  ^^^');
    expect(stars('password: >\n  hunter\n  hunter2', 3, 3)).toBe('  ***\n  ^^^');
    expect(stars('password:\n  env: hunter2', 2, 3)).toBe('  env: ***\n  ^');
    expect(stars('password:\n  - hunter2', 2, 5)).toBe('  - ***\n    ^^^');
  });

  test('is not shown where the diagnostic says that it is one', () => {
    expect(stars('bob@example.com: hunter2', 1, 18, 25, true)).toBe(
      'bob@example.com: ***\n                 ^^^',
    );
    expect(stars('  pin: 4711 # x', 1, 3, 6, true)).toBe('  pin: ***\n  ^^^');
    expect(stars('{ "pin": 4711, a: b }', 1, 3, 8, true)).toBe('{ "pin": ***\n  ^^^^^');
    expect(stars('hunter2', 1, 1, 8, true)).toBe('***\n^^^');
  });

  test('does not take an address for the key of a secret', () => {
    expect(stars('  password-reset@example.com: bob@example.com', 1, 3)).toBe(
      '  password-reset@example.com: bob@example.com\n  ^',
    );
    expect(stars('users:\n  bob@example.com: {}', 2, 3)).toBe('  bob@example.com: {}\n  ^');
  });
});
