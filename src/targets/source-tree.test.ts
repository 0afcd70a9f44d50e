import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { decodeUtf8 } from './decode-utf8.ts';
import { matchingPaths } from './include-pattern.ts';
import { readSources, type SourceTree } from './source-tree.ts';
import { workingFolder } from './working-folder.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A new folder with these files. */
function aFolder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'mailc-sources-'));
  folders.push(folder);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

const read = (folder: string, entry = 'mail.yaml') => readSources(workingFolder(folder), entry);
const paths = async (folder: string) => (await read(folder)).value?.map((file) => file.path);
const problems = async (folder: string, entry?: string) =>
  (await read(folder, entry)).diagnostics.map(({ code, message, position }) =>
    [
      code,
      message,
      ...(position === null ? [] : [`${position.file}:${position.line}:${position.column}`]),
    ].join(' | '),
  );

test('the entry comes first, then what it includes by path, each once', async () => {
  const folder = aFolder({
    'mail.yaml': 'version: 1\ninclude: [users/*.yaml, aliases.yaml, users/b.yaml]\n',
    'users/b.yaml': 'users: {}',
    'users/a.yaml': 'users: {}',
    'users/notes.txt': 'no',
    'users/old/c.yaml': 'no',
    'aliases.yaml': 'aliases: {}',
  });
  expect(await paths(folder)).toEqual(['mail.yaml', 'aliases.yaml', 'users/a.yaml', 'users/b.yaml']);
});

test('a pattern that matches the entry does not include it once more', async () => {
  expect(await paths(aFolder({ 'mail.yaml': 'include: ["*.yaml"]', 'a.yaml': '' }))).toEqual([
    'mail.yaml',
    'a.yaml',
  ]);
});

test('a key that is spelled by an escape includes as well', async () => {
  expect(await paths(aFolder({ 'mail.yaml': '"\\u0069nclude": [a.yaml]', 'a.yaml': '' }))).toEqual([
    'mail.yaml',
    'a.yaml',
  ]);
});

test('an entry that does not parse, or whose include is no list, is left to the stages that say so', async () => {
  expect(await paths(aFolder({ 'mail.yaml': 'include: [a.yaml' }))).toEqual(['mail.yaml']);
  expect(await paths(aFolder({ 'mail.yaml': 'include: {a: 1}' }))).toEqual(['mail.yaml']);
});

test('text is what was there, the byte order mark and line ends too', async () => {
  const text = '\ufeffversion: 1\r\n# é 👩‍💻\n';
  const { value } = await read(aFolder({ 'mail.yaml': text }));
  expect(value).toEqual([{ path: 'mail.yaml', text }]);
});

test('the user may name a link to anywhere', async () => {
  const elsewhere = aFolder({ 'real.yaml': 'version: 1' });
  const folder = aFolder({});
  symlinkSync(join(elsewhere, 'real.yaml'), join(folder, 'mail.yaml'));
  expect(await paths(folder)).toEqual(['mail.yaml']);
});

test('an included link stays below the folder', async () => {
  const folder = aFolder({ 'mail.yaml': 'include: [a.yaml, shadow.yaml]', 'real/b.yaml': '' });
  symlinkSync('real/b.yaml', join(folder, 'a.yaml'));
  symlinkSync('/etc/hostname', join(folder, 'shadow.yaml'));
  expect(await problems(folder)).toEqual([
    'source-unreadable | "shadow.yaml" cannot be read: it is a link that leads out of the folder | mail.yaml:1:19',
  ]);
});

test('a folder below that leads outside is no way out either', async () => {
  const folder = aFolder({ 'mail.yaml': 'include: [users/*]' });
  symlinkSync(aFolder({ 'a.yaml': '' }), join(folder, 'users'));
  expect(await problems(folder)).toEqual([
    'source-unreadable | "users/a.yaml" cannot be read: it is a link that leads out of the folder | mail.yaml:1:11',
  ]);
});

test.each([
  ['../a.yaml', 'include-outside'],
  ['users/../../a.yaml', 'include-outside'],
  ['/etc/passwd', 'include-outside'],
  ['C:/a.yaml', 'include-outside'],
  ['users/**/a.yaml', 'include-pattern'],
  ['users/?.yaml', 'include-pattern'],
  ['users\\\\a.yaml', 'include-pattern'],
  ['./', 'include-pattern'],
  ['nobody.yaml', 'include-matches-nothing'],
  ['users/*.yml', 'include-matches-nothing'],
  ['*.yaml/x', 'include-matches-nothing'],
])('the include %s is %s', async (pattern, code) => {
  const folder = aFolder({ 'mail.yaml': `include: ["${pattern}"]`, 'users/a.yaml': '' });
  expect((await problems(folder))[0]).toMatch(new RegExp(`^${code} \\| .* \\| mail.yaml:1:11$`));
});

test('a folder is not a file', async () => {
  const folder = aFolder({ 'mail.yaml': 'include: [users]', 'users/a.yaml': '' });
  expect(await problems(folder)).toEqual([
    'source-is-folder | "users" is a folder, not a file | mail.yaml:1:11',
  ]);
  expect(await problems(folder, 'users')).toEqual(['source-is-folder | "users" is a folder, not a file']);
});

test('a file that is not there', async () => {
  expect((await read(aFolder({}))).diagnostics).toMatchObject([
    {
      code: 'source-unreadable',
      message: '"mail.yaml" cannot be read: there is no such file',
      hint: 'mailc init writes a first mail.yaml',
      position: null,
    },
  ]);
});

test('200 MB are refused before they are read', async () => {
  const folder = aFolder({ 'mail.yaml': '' });
  truncateSync(join(folder, 'mail.yaml'), 200 * 1024 * 1024);
  const before = process.memoryUsage().rss;
  expect(await problems(folder)).toEqual(['yaml-too-large | "mail.yaml" is larger than 64 MB']);
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
});

test('what never ends is refused after 64 MB', async () => {
  expect(await problems('/dev', 'zero')).toEqual(['yaml-too-large | "zero" is larger than 64 MB']);
});

test('bytes that are not UTF-8 are pointed at', async () => {
  const folder = aFolder({ 'mail.yaml': Buffer.from('version: 1\n# é caf\xe9\n', 'latin1') });
  expect(await problems(folder)).toEqual([
    'source-not-utf8 | "mail.yaml" is not encoded in UTF-8 | mail.yaml:2:3',
  ]);
});

test.each([
  ['the first byte', Buffer.from([0x80]), 1, 1],
  ['after letters of several bytes', Buffer.from([0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80, 0xff]), 1, 3],
  ['after a typed replacement character', Buffer.from([0xef, 0xbf, 0xbd, 0x61, 0xff]), 1, 3],
  ['a letter cut short at the end', Buffer.from([0x61, 0x0a, 0x62, 0xc3]), 2, 2],
])('the place of the fault: %s', (_what, bytes, line, column) => {
  expect(decodeUtf8(bytes)).toEqual({ line, column, isUtf16: false });
});

test('UTF-16 is recognised', async () => {
  const folder = aFolder({ 'mail.yaml': Buffer.from('\ufeffversion: 1', 'utf16le') });
  expect((await read(folder)).diagnostics).toMatchObject([
    { hint: 'it looks like UTF-16: save it as UTF-8' },
  ]);
});

test.each([
  ['*', ['a.yaml', 'ab.yaml', 'b']],
  ['a*', ['a.yaml', 'ab.yaml']],
  ['*a*b*', ['ab.yaml']],
  ['a*a.yaml', []],
  ['*.yaml', ['a.yaml', 'ab.yaml']],
  ['.*', ['.hidden.yaml']],
  ['b', ['b']],
  ['./b', ['b']],
  ['x/*', ['x/one']],
  ['*/one', ['x/one', 'y/one']],
  ['*/*', ['x/one', 'y/one', 'y/two']],
])('the pattern %s', async (pattern, expected) => {
  const names: Readonly<Record<string, readonly string[]>> = {
    '': ['a.yaml', 'ab.yaml', 'b', '.hidden.yaml', 'x/', 'y/'],
    x: ['one'],
    y: ['two', 'one'],
  };
  const tree: Pick<SourceTree, 'list'> = {
    list: async (folder) =>
      (names[folder] ?? []).map((name) => ({ name: name.replace('/', ''), isFolder: name.endsWith('/') })),
  };
  expect(await matchingPaths(tree, pattern)).toEqual(expected);
});
