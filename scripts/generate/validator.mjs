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
  const places = `export const schemaPlaces = ${JSON.stringify(placesOf(schema))};\n`;
  return {
    code: `// Generated from schema/mail.schema.json.\n${bundled.outputFiles[0].text}${places}`,
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

/**
 * What the schema says of each place of a document. A place is a JSON pointer in which `*` stands for any key
 * of a map and any index of a list.
 */
function placesOf(schema) {
  const places = {};
  const visit = (written, pointer) => {
    const node = written.$ref ? { ...schema.$defs[written.$ref.split('/').pop()], ...written } : written;
    places[pointer] = {
      title: (pointer !== '' && node.title) || null,
      keys: node.properties ? Object.keys(node.properties) : null,
      values: node.enum ?? null,
    };
    for (const [key, child] of Object.entries(node.properties ?? {})) visit(child, `${pointer}/${key}`);
    if (node.additionalProperties) visit(node.additionalProperties, `${pointer}/*`);
    if (node.items) visit(node.items, `${pointer}/*`);
  };
  visit(schema, '');
  return places;
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
export interface SchemaPlace {
  /** What belongs here, as \`a size such as 5GB\`. */
  readonly title: string | null;
  /** The keys that an object may have here; null where it may have any, or where none belongs. */
  readonly keys: readonly string[] | null;
  /** The only values allowed here. */
  readonly values: readonly (string | number | boolean | null)[] | null;
}

// By JSON pointer, in which \`*\` stands for any key of a map and any index of a list: \`/users/*/quota\`.
export declare const schemaPlaces: Readonly<Record<string, SchemaPlace>>;
`;
