/**
 * Makes everything that is made from something else: the validator and the types from the schema, the
 * reference from its descriptions, the templates' code and view types, the diagnostics' pages.
 * `--check` writes nothing and exits 2 when a committed file is stale.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { diagnosticsPage } from './generate/diagnostics.mjs';
import { referencePage } from './generate/reference.mjs';
import { compileTemplates } from './generate/templates.mjs';
import { mailYamlTypes } from './generate/types.mjs';
import { compileValidator } from './generate/validator.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const checking = process.argv.includes('--check');

const schema = JSON.parse(readFileSync(join(root, 'schema/mail.schema.json'), 'utf8'));
const templates = compileTemplates(join(root, 'renderers'));
const validator = await compileValidator(schema);

const files = [
  { path: 'src/generated/validate-schema.js', committed: false, text: validator.code },
  { path: 'src/generated/validate-schema.d.ts', committed: false, text: validator.types },
  { path: 'src/generated/templates.js', committed: false, text: templates.code },
  { path: 'src/generated/templates.d.ts', committed: false, text: templates.types },
  { path: 'src/model/mail-yaml.generated.ts', committed: true, text: mailYamlTypes(schema) },
  { path: 'docs/reference.md', committed: true, text: referencePage(schema) },
  { path: 'docs/diagnostics.md', committed: true, text: await diagnosticsPage(root) },
];

const stale = files.filter(({ path, text }) => current(path) !== text);
if (checking) {
  const wrong = stale.filter((file) => file.committed).map((file) => file.path);
  if (wrong.length > 0) {
    console.error(`stale, run npm run generate: ${wrong.join(', ')}`);
    process.exitCode = 2;
  }
} else {
  for (const { path, text } of stale) write(path, text);
}

function current(path) {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return null;
  }
}

/** By rename, so that a test run beside this one never reads half a file. */
function write(path, text) {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, target);
}
