// The project's own scripts: those of the images, and those that build, test and show it.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeReal } from './debian/debian13.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Texts by path, of every file that a shell is to run. What is rendered has tests of its own beside its renderer. */
function shellScripts(): ReadonlyMap<string, string> {
  const folders = [
    '.ci',
    'images',
    'renderers',
    'scripts',
    'systemd',
    'test/debian',
    'test/e2e',
    'test/support',
  ];
  const paths = execFileSync('git', ['ls-files', '-z', ...folders], { cwd: root, encoding: 'utf8' });
  const texts = paths
    .split('\0')
    .filter(Boolean)
    .map((path) => [path, readFileSync(`${root}/${path}`, 'utf8')] as const);
  return new Map(texts.filter(([, text]) => /^#!.*\b(ba)?sh\b/.test(text)));
}

describeReal('shellcheck', (debian) => {
  it('finds nothing in the scripts of the project', async () => {
    const scripts = shellScripts();
    for (const image of ['amavis', 'clamav', 'dovecot', 'opendkim', 'postfix'])
      expect([...scripts.keys()]).toContain(`images/${image}/entrypoint`);
    const files = Object.fromEntries([...scripts].map(([path, text]) => [`/project/${path}`, text]));
    // The tree has no such folder, and a path in a `source=` comment is the project's.
    const asked = ['shellcheck', '--external-sources', '--source-path=/project', ...Object.keys(files)];
    expect(await debian.run(asked, { files })).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});
