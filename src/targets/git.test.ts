import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { commitTree } from './commit-tree.ts';
import { openRepository } from './git.ts';
import { sourceStatus } from './source-status.ts';
import { readSources } from './source-tree.ts';
import { workingFolder } from './working-folder.ts';

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mailc-git-')));
  made.push(folder);
  return folder;
}

let folder: string;
beforeEach(() => {
  folder = newFolder();
  git('init', '--quiet', '--initial-branch=main');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function git(...words: readonly string[]): string {
  return execFileSync('git', words, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

function commit(files: Readonly<Record<string, string>>): string {
  write(files);
  git('add', '--all');
  git('commit', '--quiet', '--message=change');
  return git('rev-parse', 'HEAD');
}

const at = async (ref: string, below = '') => {
  const { value, diagnostics } = await commitTree(join(folder, below), ref);
  if (value === null) return diagnostics.map(({ code }) => code).join();
  const sources = await readSources(value.tree, 'mail.yaml');
  return sources.value ?? sources.diagnostics.map(({ message }) => message).join();
};

const status = async (below = '') => {
  const files = (await readSources(workingFolder(join(folder, below)), 'mail.yaml')).value ?? [];
  return sourceStatus(join(folder, below), files);
};

describe('the sources of a commit', () => {
  test('are those of that commit, whatever lies in the folder', async () => {
    commit({ 'mail.yaml': 'include: [users/*.yaml]\n', 'users/a.yaml': 'a: é\n' });
    commit({ 'mail.yaml': 'version: 1\n' });
    write({ 'mail.yaml': 'uncommitted' });
    expect(await at('HEAD~1')).toEqual([
      { path: 'mail.yaml', text: 'include: [users/*.yaml]\n' },
      { path: 'users/a.yaml', text: 'a: é\n' },
    ]);
    expect(await at('main')).toEqual([{ path: 'mail.yaml', text: 'version: 1\n' }]);
    expect(git('status', '--porcelain')).toBe('M mail.yaml');
  });

  test('may lie in a folder of the repository', async () => {
    commit({
      'infra/mail ü/mail.yaml': 'include: [users/a.yaml]',
      'infra/mail ü/users/a.yaml': 'x',
      'mail.yaml': 'no',
    });
    expect(await at('HEAD', 'infra/mail ü')).toMatchObject([
      { text: 'include: [users/a.yaml]' },
      { text: 'x' },
    ]);
  });

  test('are found from a worktree', async () => {
    commit({ 'mail.yaml': 'one' });
    const other = join(newFolder(), 'worktree');
    git('worktree', 'add', '--quiet', '-b', 'other', other);
    folder = other;
    commit({ 'mail.yaml': 'two' });
    expect(await at('main')).toMatchObject([{ text: 'one' }]);
    expect(await at('HEAD')).toMatchObject([{ text: 'two' }]);
    expect(await status()).toMatchObject({ dirty: false });
  });

  test('are byte for byte what was committed, empty files too, and in any number', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`u/${index}.yaml`, '\n'.repeat(index)]),
    );
    commit({ 'mail.yaml': '\ufeffinclude: [u/*.yaml]\r\n', ...files });
    const sources = await at('HEAD');
    expect(sources).toHaveLength(301);
    expect(Array.isArray(sources) && sources[0]?.text).toBe('\ufeffinclude: [u/*.yaml]\r\n');
    for (const { path, text } of Array.isArray(sources) ? sources.slice(1) : [])
      expect(text).toBe(files[path]);
  });

  test('may have names that are not UTF-8', async () => {
    const script = 'printf x > "users/$(printf "\\377").yaml"';
    write({ 'mail.yaml': 'include: [users/*.yaml]', 'users/a.yaml': 'a' });
    execFileSync('sh', ['-c', script], { cwd: folder });
    commit({});
    expect(await at('HEAD')).toMatchObject([{}, { text: 'a' }, { path: 'users/\ufffd.yaml', text: 'x' }]);
  });

  test('are no links and no submodules', async () => {
    write({ 'mail.yaml': 'include: [a.yaml, b.yaml]' });
    symlinkSync('/etc/passwd', join(folder, 'a.yaml'));
    commit({});
    git('update-index', '--add', '--cacheinfo', `160000,${'a'.repeat(40)},b.yaml`);
    git('commit', '--quiet', '--message=submodule');
    expect(await at('HEAD')).toBe(
      '"a.yaml" cannot be read: it is a symbolic link, which is not followed in a commit,' +
        '"b.yaml" cannot be read: it is a submodule',
    );
  });

  test('may be missing in a commit', async () => {
    commit({ 'other.yaml': '' });
    expect(await at('HEAD')).toBe('"mail.yaml" cannot be read: the commit has no such file');
  });

  test('are read from a repository with SHA-256 ids', async () => {
    folder = newFolder();
    git('init', '--quiet', '--object-format=sha256');
    const id = commit({ 'mail.yaml': 'one' });
    expect(id).toHaveLength(64);
    expect(await at(id)).toMatchObject([{ text: 'one' }]);
    expect(await status()).toMatchObject({ commit: id, dirty: false });
  });
});

describe('a ref', () => {
  test.each([
    'main',
    'refs/heads/main',
    'v1',
    'HEAD',
    '@',
    'HEAD~0',
    'HEAD^{commit}',
    'weird/$(touch x)',
    'é',
    "it's",
    'a;b',
  ])('%s names a commit', async (ref) => {
    const id = commit({ 'mail.yaml': 'one' });
    git('tag', 'v1');
    for (const branch of ['weird/$(touch x)'.replace(' ', ''), 'é', "it's", 'a;b']) git('branch', branch);
    const { value } = await commitTree(folder, ref.replace(' ', ''));
    expect(value?.commit).toBe(id);
  });

  test.each([
    '-',
    '--output=x',
    '--help',
    '-q',
    '--git-dir=/tmp',
    '--upload-pack=touch x',
    '',
    'a..b',
    'main...main',
    '..',
    '^main',
    'HEAD:mail.yaml',
    ':/change',
    ':mail.yaml',
    'main\n--output=x',
    'a\u0000b',
    'a b',
    '\u001b[2J',
    'x'.repeat(2_000),
  ])('%j is none', async (ref) => {
    commit({ 'mail.yaml': 'one' });
    expect(await at(ref)).toBe('git-ref-invalid');
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });

  test.each([
    'nobody',
    'HEAD~9',
    '$(touch x)',
    '`touch x`',
    'HEAD^{tree}',
    'HEAD^{blob}',
    'a'.repeat(40),
    'v1^{tree}',
    '@{u}',
  ])('%j is no commit of this clone', async (ref) => {
    commit({ 'mail.yaml': 'one' });
    expect(await at(ref)).toMatch(/^git-ref-(unknown|invalid)$/);
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });

  test('that nobody has is said with the way to get it', async () => {
    commit({ 'mail.yaml': 'one' });
    expect((await commitTree(folder, 'origin/main')).diagnostics).toMatchObject([
      {
        code: 'git-ref-unknown',
        message: '"origin/main" is no commit that this clone has',
        hint: 'fetch it first, such as: git fetch origin main; in a workflow set fetch-depth: 0 for actions/checkout',
      },
    ]);
  });

  test('of any text gives the commit or a diagnostic, and writes nothing', async () => {
    const id = commit({ 'mail.yaml': 'one' });
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc
        .array(
          fc.constantFrom(
            '-',
            '--',
            'output',
            '=',
            'x',
            '$(touch x)',
            '@{',
            '}',
            '^',
            '~',
            'HEAD',
            '/',
            '\\',
            '*',
            '?',
            '[',
          ),
        )
        .map((parts) => parts.join('')),
    );
    await fc.assert(
      fc.asyncProperty(hostile, async (ref) => {
        const { value, diagnostics } = await commitTree(folder, ref);
        if (value === null) expect(diagnostics[0]?.code).toMatch(/^git-ref-(invalid|unknown)$/);
        else expect(value.commit).toBe(id);
      }),
      { numRuns: 60 },
    );
    expect(readdirSync(folder)).toEqual(['.git', 'mail.yaml']);
  });
});

describe('the status of the sources', () => {
  test('is clean when mail.yaml and its includes are as committed, whatever else is not', async () => {
    const id = commit({ 'mail.yaml': 'include: [users/*.yaml]', 'users/a.yaml': 'a', 'README.md': 'x' });
    write({ 'README.md': 'y', 'untracked.txt': 'z' });
    git('add', 'untracked.txt');
    expect(await status()).toEqual({ commit: id, dirty: false, author: 'Test <test@example.com>' });
  });

  test.each([
    ['mail.yaml differs', () => write({ 'mail.yaml': 'include: [users/*.yaml] #' })],
    ['an include differs', () => write({ 'users/a.yaml': 'changed' })],
    ['an include is new', () => write({ 'users/new.yaml': 'new' })],
    ['an include is gone', () => rmSync(join(folder, 'users/b.yaml'))],
    [
      'a change is staged and not committed',
      () => {
        write({ 'users/a.yaml': 'changed' });
        git('add', '--all');
      },
    ],
  ])('is dirty when %s', async (_what, change) => {
    const id = commit({ 'mail.yaml': 'include: [users/*.yaml]', 'users/a.yaml': 'a', 'users/b.yaml': 'b' });
    change();
    expect(await status()).toMatchObject({ commit: id, dirty: true });
  });

  test('is dirty for a file that git ignores', async () => {
    commit({ '.gitignore': 'mail.yaml' });
    write({ 'mail.yaml': 'one' });
    expect(await status()).toMatchObject({ dirty: true });
  });

  test('is clean where a checkout turned the ends of lines', async () => {
    commit({ 'mail.yaml': 'version: 1\n' });
    write({ 'mail.yaml': 'version: 1\r\n' });
    expect(await status()).toMatchObject({ dirty: false });
  });

  test('has no commit before the first one, and outside of git', async () => {
    write({ 'mail.yaml': 'one' });
    expect(await status()).toEqual({ commit: null, dirty: true, author: null });
    folder = newFolder();
    write({ 'mail.yaml': 'one' });
    expect(await status()).toEqual({ commit: null, dirty: true, author: null });
  });

  test('has no commit where git is not installed', async () => {
    commit({ 'mail.yaml': 'one' });
    vi.stubEnv('PATH', newFolder());
    expect(await status()).toEqual({ commit: null, dirty: true, author: null });
    expect((await openRepository(folder)).diagnostics).toMatchObject([{ code: 'git-not-found' }]);
  });
});

describe('nothing of a hostile repository is run', () => {
  test('no hook, filter, diff driver, pager, alias or monitor', async () => {
    const script = join(newFolder(), 'evil.sh');
    const trace = `${script}.ran`;
    writeFileSync(script, `#!/bin/sh\ntouch ${trace}\ncat\n`, { mode: 0o755 });
    commit({
      'mail.yaml': 'include: [a.yaml]',
      'a.yaml': 'a',
      '.gitattributes': '* filter=evil diff=evil text\n',
    });
    for (const name of [
      'core.fsmonitor',
      'core.pager',
      'core.editor',
      'core.sshCommand',
      'diff.external',
      'diff.evil.textconv',
      'diff.evil.command',
      'filter.evil.clean',
      'filter.evil.smudge',
      'filter.evil.process',
      'gpg.program',
      'core.askPass',
      'core.gitProxy',
      'uploadpack.packObjectsHook',
    ]) {
      git('config', name, script);
    }
    git('config', 'alias.rev-parse', `!${script}`);
    git('config', 'log.showSignature', 'true');
    git('config', 'core.hooksPath', dirname(script));
    write({ 'a.yaml': 'changed' });
    rmSync(trace, { force: true });

    expect(await at('HEAD')).toMatchObject([{}, { text: 'a' }]);
    expect(await status()).toMatchObject({ dirty: true });
    expect(existsSync(trace)).toBe(false);
  });

  test('no transport, when an object is missing in a partial clone', async () => {
    const trace = join(newFolder(), 'ran');
    commit({ 'mail.yaml': 'one' });
    const blob = git('rev-parse', 'HEAD:mail.yaml');
    rmSync(join(folder, '.git/objects', blob.slice(0, 2), blob.slice(2)));
    git('config', 'extensions.partialClone', 'origin');
    git('config', 'remote.origin.promisor', 'true');
    git('config', 'remote.origin.url', 'ssh://example.invalid/x');
    git('config', 'core.sshCommand', `touch ${trace}; false`);
    expect(await at('HEAD')).toBe(
      '"mail.yaml" cannot be read: this clone does not have its content, which git fetch --refetch brings',
    );
    expect(existsSync(trace)).toBe(false);
  });

  test('variables of the environment lead to no other repository', async () => {
    commit({ 'mail.yaml': 'theirs' });
    const theirs = folder;
    folder = newFolder();
    git('init', '--quiet');
    commit({ 'mail.yaml': 'ours' });
    vi.stubEnv('GIT_DIR', join(theirs, '.git'));
    vi.stubEnv('GIT_WORK_TREE', theirs);
    vi.stubEnv('GIT_INDEX_FILE', '/nonexistent');
    vi.stubEnv('GIT_CONFIG_COUNT', '1');
    vi.stubEnv('GIT_CONFIG_KEY_0', 'core.bare');
    vi.stubEnv('GIT_CONFIG_VALUE_0', 'nonsense');
    vi.stubEnv('PAGER', 'false');
    expect(await at('HEAD')).toMatchObject([{ text: 'ours' }]);
    expect(await status()).toMatchObject({ dirty: false });
  });

  test('a replaced object is not taken for the original', async () => {
    commit({ 'mail.yaml': 'original' });
    const original = git('rev-parse', 'HEAD:mail.yaml');
    write({ other: 'replaced' });
    git('replace', original, git('hash-object', '-w', 'other'));
    expect(await at('HEAD')).toMatchObject([{ text: 'original' }]);
  });
});
