/** docs/diagnostics.md: a page for each code of src/diagnostics/catalogue. */
import { join } from 'node:path';
import { build } from 'esbuild';

export async function diagnosticsPage(root) {
  const { catalogue } = await load(join(root, 'src/diagnostics/catalogue/index.ts'));
  const pages = Object.keys(catalogue)
    .sort()
    .map((code) => {
      const { rule, reason, cure } = catalogue[code];
      return `## ${code}\n\n${rule}\n\n${reason}\n\n**Cure.** ${cure}\n`;
    });
  return [
    '# Diagnostics',
    '',
    'What mailc says of a source, by code. `mailc explain CODE` prints the same page. Generated from',
    '`src/diagnostics/catalogue`; do not edit.',
    '',
    ...pages,
  ].join('\n');
}

/** The catalogue is TypeScript, which Node 20 does not run as it stands. */
async function load(path) {
  const result = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    format: 'esm',
    logLevel: 'error',
  });
  const code = Buffer.from(result.outputFiles[0].text).toString('base64');
  return import(`data:text/javascript;base64,${code}`);
}
