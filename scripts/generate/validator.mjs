/** The schema as code: Ajv at build time, nothing of it at run time (it would cost 45 ms of every start). */
import Ajv from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';

/** An included file holds the three maps that may be split, and nothing else. */
function includedFileSchema(schema) {
  const { domains, users, aliases } = schema.properties;
  return {
    $schema: schema.$schema,
    $id: 'included.schema.json',
    type: 'object',
    additionalProperties: false,
    properties: { domains, users, aliases },
    $defs: schema.$defs,
  };
}

export async function compileValidator(schema) {
  const ajv = new Ajv.default({
    schemas: [schema, includedFileSchema(schema)].map(withoutProse),
    allErrors: true,
    inlineRefs: false,
    allowUnionTypes: true,
    strictTypes: false,
    code: { source: true, esm: true, lines: false },
  });
  const source = standaloneCode.default(ajv, {
    validateMailYaml: 'mail.schema.json',
    validateIncludedFile: 'included.schema.json',
  });
  const bundled = await build({
    stdin: { contents: source, resolveDir: process.cwd(), loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    minify: true,
    mainFields: ['main'],
    logLevel: 'error',
  });
  const titles = `export const schemaTitles = ${JSON.stringify(titlesOf(schema), null, 2)};\n`;
  return {
    code: `// Generated from schema/mail.schema.json.\n${bundled.outputFiles[0].text}${titles}`,
    types,
  };
}

/** Ajv copies parts of the schema into its code, with every description in them. */
function withoutProse(node) {
  if (Array.isArray(node)) return node.map(withoutProse);
  if (node === null || typeof node !== 'object') return node;
  const kept = Object.entries(node).filter(
    ([key, value]) =>
      !prose.has(key) || (typeof value === 'object' && key !== 'examples' && key !== 'default'),
  );
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutProse(value)]));
}

const prose = new Set(['description', 'title', 'examples', 'default']);

/** Each `title` by the JSON pointer of the schema it stands in, as Ajv's `schemaPath` begins. */
function titlesOf(schema) {
  const titles = {};
  const visit = (node, pointer) => {
    if (node === null || typeof node !== 'object') return;
    if (typeof node.title === 'string' && pointer !== '#') titles[pointer] = node.title;
    for (const [key, child] of Object.entries(node)) {
      if (key !== 'examples' && key !== 'default') visit(child, `${pointer}/${key}`);
    }
  };
  visit(schema, '#');
  return titles;
}

const types = `// Generated from schema/mail.schema.json.

/** One thing that Ajv found; \`instancePath\` is a JSON pointer (RFC 6901). */
export interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

export interface Validator {
  (data: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}

export declare const validateMailYaml: Validator;
export declare const validateIncludedFile: Validator;
/** The titles of the schema by JSON pointer: a prefix of an error's \`schemaPath\`. */
export declare const schemaTitles: Readonly<Record<string, string>>;
`;
