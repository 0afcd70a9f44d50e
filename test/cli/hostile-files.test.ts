/** Files that nobody means well with, or that are no files: one clear error, quickly, in little memory. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { aFolder, type Folder, type Run } from '../support/run-mailc.ts';
import { smallMailYaml } from '../support/small-mail-yaml.ts';

interface Measured extends Run {
  /** The most memory that the process had at any time (proc_pid_status(5), VmHWM). */
  readonly megabytes: number;
  readonly seconds: number;
}

const commands = [['validate'], ['compile', '-o', 'out'], ['plan', '--root', 'host'], ['dns']];

/** `mail.yaml` is put there by `lay`, in whatever way a file can be. */
async function measured(words: readonly string[], lay: (path: string) => void): Promise<Measured> {
  const folder = await aFolder({}, { git: false });
  lay(join(folder.path, 'mail.yaml'));
  return measure(folder, words);
}

async function measure(folder: Folder, words: readonly string[]): Promise<Measured> {
  const note = join(folder.path, 'memory');
  folder.write({
    'report.cjs': `process.on('exit', () => {
      const { readFileSync, writeFileSync } = require('node:fs');
      writeFileSync(${JSON.stringify(note)}, /^VmHWM:[^0-9]*([0-9]+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
    });`,
  });
  const start = performance.now();
  const run = await folder.mailc(words, {
    environment: { NODE_OPTIONS: `--require=${join(folder.path, 'report.cjs')}` },
  });
  const seconds = (performance.now() - start) / 1000;
  return { ...run, seconds, megabytes: Number(readFileSync(note, 'utf8')) / 1024 };
}

function expectOneClearError(
  { code, stdout, stderr, megabytes, seconds }: Measured,
  diagnostic: string,
): void {
  expect(stderr).toMatch(new RegExp(`^error\\[${diagnostic}\\]: `));
  expect(stderr.match(/^error/gm)).toEqual(['error']);
  expect(stderr).not.toMatch(/internal error|^ +at /m);
  expect(stderr.length).toBeLessThan(2000);
  expect(stdout).toBe('');
  expect(code).toBe(3);
  // Node alone has 45 MB. What a file of 64 MB may take at most, and the time on a busy machine.
  expect(megabytes).toBeLessThan(400);
  expect(seconds).toBeLessThan(30);
}

const MB = 1024 * 1024;
const bomb = Array.from({ length: 30 }, (_, n) =>
  n === 0 ? 'a0: &a0 [lol]' : `a${n}: &a${n} [${`*a${n - 1}, `.repeat(9)}*a${n - 1}]`,
).join('\n');

describe('one clear error', () => {
  const contents: readonly (readonly [name: string, diagnostic: string, content: string | Uint8Array])[] = [
    ['an empty file', 'document-empty', ''],
    ['a NUL', 'control-character', smallMailYaml.replace('sales', 'sa\0les')],
    ['a program', 'source-not-utf8', new Uint8Array(readFileSync(process.execPath).subarray(0, 100_000))],
    [
      'a byte that is not UTF-8',
      'source-not-utf8',
      Buffer.concat([Buffer.from(smallMailYaml), Buffer.of(0xff)]),
    ],
    ['an overlong encoding', 'source-not-utf8', Buffer.of(0x61, 0x3a, 0x20, 0xc0, 0x80)],
    ['half a surrogate pair', 'source-not-utf8', Buffer.of(0x61, 0x3a, 0x20, 0xed, 0xa0, 0x80)],
    ['UTF-16', 'source-not-utf8', Buffer.from(`\ufeff${smallMailYaml}`, 'utf16le')],
    ['a key that stands twice', 'yaml-duplicate-key', `${smallMailYaml}users: {}\n`],
    ['brackets a million deep', 'yaml-too-deep', '['.repeat(MB)],
    [
      'maps a thousand deep',
      'yaml-too-deep',
      Array.from({ length: 1000 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
    ],
    ['a list instead of a map', 'value-invalid', '- a\n- b\n'],
    ['a line of 10 MB', 'key-unknown', `${smallMailYaml}? ${'x'.repeat(10 * MB)}`],
  ];

  test.each(contents)('for %s', async (_name, diagnostic, content) => {
    expectOneClearError(await measured(['validate'], (path) => writeFileSync(path, content)), diagnostic);
  });

  test('for a bomb of anchors, which is refused before anything is built from it', async () => {
    const run = await measured(['validate'], (path) => writeFileSync(path, bomb));
    expect(run.code).toBe(3);
    expect(run.stderr).toContain('error[yaml-alias]');
    expect(run.stderr).not.toContain('internal error');
    expect(run.megabytes).toBeLessThan(200);
  });

  test('for 200 MB, which are not read', async () => {
    const run = await measured(['validate'], (path) => writeFileSync(path, Buffer.alloc(200 * MB, 'a: b\n')));
    expectOneClearError(run, 'yaml-too-large');
    expect(run.megabytes).toBeLessThan(150);
  });

  test('for a terabyte of nothing', async () => {
    const sparse = (path: string) => {
      writeFileSync(path, '');
      truncateSync(path, 2 ** 40);
    };
    const run = await measured(['validate'], sparse);
    expectOneClearError(run, 'yaml-too-large');
    expect(run.megabytes).toBeLessThan(150);
  });

  test('for a device that never ends', async () => {
    const run = await measured(['validate', '/dev/zero'], () => {});
    expectOneClearError(run, 'yaml-too-large');
  });

  test('for 20,000 mistakes, of which the first are shown', async () => {
    const lines = Array.from({ length: 20_000 }, (_, n) => `  user${n}: { pasword: x }`);
    const run = await measured(['validate'], (path) =>
      writeFileSync(path, `version: 1\nusers:\n${lines.join('\n')}`),
    );
    expect(run.code).toBe(3);
    expect(run.stderr.length).toBeLessThan(2 * MB);
    expect(run.megabytes).toBeLessThan(400);
  });

  test.each(commands)('for a folder, from %s', async (...words: string[]) => {
    expectOneClearError(await measured(words, (path) => mkdirSync(path)), 'source-is-folder');
  });

  test.each(commands)('for no file at all, from %s', async (...words: string[]) => {
    expectOneClearError(await measured(words, () => {}), 'source-unreadable');
  });

  test('for a link to itself', async () => {
    expectOneClearError(await measured(['validate'], (path) => symlinkSync(path, path)), 'source-unreadable');
  });

  test('for an included pipe, which nobody writes to', async () => {
    const run = await measured(['validate'], (path) => {
      writeFileSync(path, `${smallMailYaml}include: [pipe.yaml]\n`);
      execFileSync('mkfifo', [path.replace('mail.yaml', 'pipe.yaml')]);
    });
    expect(run.code).toBe(3);
    expect(run.stderr).toMatch(/^error\[source-unreadable\]: "pipe.yaml" cannot be read: it is not a file\n/);
  });

  test('for an included file that is a folder, too large, or not UTF-8', async () => {
    const run = await measured(['validate'], (path) => {
      writeFileSync(path, `${smallMailYaml}include: [a.part, b.part, c.part]\n`);
      mkdirSync(path.replace('mail.yaml', 'a.part'));
      writeFileSync(path.replace('mail.yaml', 'b.part'), Buffer.of(0xc0));
      writeFileSync(path.replace('mail.yaml', 'c.part'), '');
      truncateSync(path.replace('mail.yaml', 'c.part'), 2 ** 33);
    });
    expect(run.code).toBe(3);
    expect([...run.stderr.matchAll(/^error\[([a-z0-9-]+)\]/gm)].map(([, code]) => code)).toEqual([
      'source-is-folder',
      'source-not-utf8',
      'yaml-too-large',
    ]);
  });
});

const isRoot = process.getuid?.() === 0;
const withRights = isRoot ? 'setpriv drops them' : 'they are as they are';

describe(`without the right to read (${withRights})`, () => {
  test('a file is one clear error', async () => {
    const folder = await aFolder({ 'mail.yaml': smallMailYaml }, { git: false });
    chmodSync(join(folder.path, 'mail.yaml'), 0o000);
    const run = await folder.mailc(['validate'], isRoot ? { wrapper: withoutRights } : {});
    expect(run).toEqual({
      code: 3,
      stdout: '',
      stderr: 'error[source-unreadable]: "mail.yaml" cannot be read: permission denied\n\n1 error\n',
    });
  });
});

/** Still root, who may have this checkout where nobody else can read. */
const rights = '-dac_override,-dac_read_search';
const withoutRights = ['setpriv', `--bounding-set=${rights}`, `--inh-caps=${rights}`];
