/** Documentation cannot rot: what is generated is current, every example compiles, every link leads somewhere. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import schema from '../schema/mail.schema.json';
import { analyse } from '../src/compile.ts';
import { aFolder } from './support/run-mailc.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const pages = ['README.md', 'CHANGELOG.md', ...pagesBelow('docs'), ...pagesBelow('renderers')];

test('the types, the reference and the pages of diagnostics are those of their sources', () => {
  execFileSync(process.execPath, [join(root, 'scripts/generate.mjs'), '--check'], { stdio: 'pipe' });
});

test.each(pages)('the configurations in %s compile without a warning', (page) => {
  const blocks = [...readFileSync(join(root, page), 'utf8').matchAll(/^```yaml\n(version: 1\n[^`]*)^```/gm)];
  for (const [, text = ''] of blocks) {
    expect(analyse([{ path: page, text }]).diagnostics).toEqual([]);
  }
});

test('the plan in the README is what the change that it describes would do to the example', async () => {
  const example = readFileSync(join(root, 'mail.yaml.example'), 'utf8');
  const withoutCarol = example
    .replace(/^ {2}carol@example\.org:\n(?: {4}.*\n)+/m, '')
    .replaceAll('carol@example.org', 'alice@example.com');
  const folder = await aFolder({ 'mail.yaml': example });
  folder.write({ 'mail.yaml': withoutCarol.replace(/^ {2}bob@example\.com:\n/m, '$&    quota: 10GB\n') });
  await folder.commit('Take Carol out');
  const { stdout } = await folder.mailc(['plan', '--from', 'HEAD~1', '--to', 'HEAD']);

  const [, shown = ''] =
    /^```text\n(mail\.yaml changes\n[^`]*)^```/m.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  const withoutHashes = (text: string) => text.replace(/Plan \w+, commit \w+/, 'Plan, commit');
  expect(withoutHashes(shown)).toBe(withoutHashes(stdout));
});

test.each(pages)('the links in %s lead to files', (page) => {
  const links = [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)];
  const broken = links
    .map(([, link = '']) => link)
    .filter((link) => !existsSync(join(root, dirname(page), link)));
  expect(broken).toEqual([]);
});

test('every property of the language has a description and an example', () => {
  const lacking: string[] = [];
  const visit = (node: unknown, path: string): void => {
    if (node === null || typeof node !== 'object') return;
    for (const [key, child] of Object.entries(node)) {
      if (key === 'properties') {
        for (const [name, property] of Object.entries(child as Record<string, object>)) {
          if (!('description' in property)) lacking.push(`${path}/${name}: description`);
          if (!('examples' in property)) lacking.push(`${path}/${name}: examples`);
        }
      }
      if (key !== 'examples' && key !== 'default') visit(child, `${path}/${key}`);
    }
  };
  visit(schema, '');
  expect(lacking).toEqual([]);
});

function pagesBelow(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
    .sort();
}
