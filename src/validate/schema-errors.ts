/** Runs the compiled schema over a document, in slices, so that the number of mistakes never makes it slow. */
import {
  type SchemaError,
  type Validator,
  validateIncludedFile,
  validateMailYaml,
} from '../generated/validate-schema.js';
import type { PlainValue } from '../model/source-document.ts';

export type PlainMap = { readonly [key: string]: PlainValue };

/** The validator copies all errors so far for each map that adds some; in a slice there are not many. */
const SLICE = 1000;

/** Beyond this nobody looks for a pattern any more, and a file made of mistakes must not fill the memory. */
const MOST = 10_000;

/** The maps that grow with the number of people; all else stays small. */
export const SPLIT_SECTIONS = ['domains', 'users', 'aliases'] as const;
export type SplitSection = (typeof SPLIT_SECTIONS)[number];

/** @returns what the schema says of the value; at most some 10,000 errors, in no order */
export function schemaErrors(value: PlainValue, isIncluded: boolean): readonly SchemaError[] {
  const validator = isIncluded ? validateIncludedFile : validateMailYaml;
  if (!isMap(value)) return run(validator, value);

  const large = SPLIT_SECTIONS.filter((section) => isLarge(value[section]));
  if (large.length === 0) return run(validator, value);

  const rest: Record<string, PlainValue> = Object.assign(Object.create(null), value);
  for (const section of large) delete rest[section];
  const errors = [...run(validator, rest)];
  const frame: PlainMap = isIncluded ? {} : { version: 1 };
  for (const section of large) {
    for (const slice of slices(value[section])) {
      errors.push(...run(validator, { ...frame, [section]: slice }));
      if (errors.length > MOST) return errors;
    }
  }
  return errors;
}

export function isMap(value: PlainValue | undefined): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function run(validator: Validator, value: PlainValue): readonly SchemaError[] {
  return validator(value) ? [] : (validator.errors ?? []);
}

function isLarge(value: PlainValue | undefined): boolean {
  if (!isMap(value)) return false;
  let count = 0;
  for (const _key in value) if (++count > SLICE) return true;
  return false;
}

function* slices(value: PlainValue | undefined): Generator<PlainMap> {
  let slice: Record<string, PlainValue> = Object.create(null);
  let count = 0;
  for (const [key, item] of Object.entries(value ?? {})) {
    slice[key] = item;
    if (++count % SLICE !== 0) continue;
    yield slice;
    slice = Object.create(null);
  }
  yield slice;
}
