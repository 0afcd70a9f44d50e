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
      expected: (pointer !== '' && node.title) || wordingOf(node),
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

/** What belongs at a place whose schema has no title, such as `a whole number from 1 to 65535, or false`. */
function wordingOf(node) {
  if ('const' in node) return String(node.const);
  if (node.enum)
    return node.enum
      .map(String)
      .join(', ')
      .replace(/, (?=[^,]*$)/, ' or ');
  if (node.maxProperties === 1) return `a map with either ${Object.keys(node.properties).join(' or ')}`;
  const kinds = [node.type].flat().filter((kind) => kind !== 'null');
  const isSwitch = kinds.length > 1 && kinds.includes('boolean') && node.then?.const === false;
  const words = kinds.filter((kind) => !(isSwitch && kind === 'boolean')).map((kind) => kindOf(kind, node));
  return isSwitch ? `${words.join(' or ')}, or false` : words.join(' or ');
}

function kindOf(kind, node) {
  const { minimum, maximum } = { ...node, ...node.else };
  const range = minimum === undefined ? '' : ` from ${minimum} to ${maximum}`;
  switch (kind) {
    case 'integer':
      return `a whole number${range}`;
    case 'number':
      return `a number${range}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return node.minItems ? 'a list that is not empty' : 'a list';
    case 'object':
      return 'a map';
    case 'string':
      return node.minLength ? 'a text that is not empty' : 'a text';
    default:
      throw new Error(`no wording for the type ${kind}`);
  }
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
  readonly expected: string;
  /** The keys that an object may have here; null where it may have any, or where none belongs. */
  readonly keys: readonly string[] | null;
  /** The only values allowed here. */
  readonly values: readonly (string | number | boolean | null)[] | null;
}

// By JSON pointer, in which \`*\` stands for any key of a map and any index of a list: \`/users/*/quota\`.
export declare const schemaPlaces: Readonly<Record<string, SchemaPlace>>;
`;
