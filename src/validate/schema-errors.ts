/**
 * Runs the compiled schema over a document, in slices, so that the number of mistakes never makes it slow.
 */
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
export const MOST_ERRORS = 10_000;

/** The schema speaks up to four times of one place, and a diagnostic is made of them together. */
const ENOUGH_ERRORS = 4 * MOST_ERRORS;

/** The maps that grow with the number of people; all else stays small. */
export const SPLIT_SECTIONS = ['domains', 'users', 'aliases'] as const;

/** @returns what the schema says of the value, in no order; where that is too much, a part of it */
export function schemaErrors(value: PlainValue, isIncluded: boolean): readonly SchemaError[] {
  const validator = isIncluded ? validateIncludedFile : validateMailYaml;
  if (!isMap(value)) return run(validator, value);

  const large = SPLIT_SECTIONS.filter((section) => isLarge(value[section]));
  if (large.length === 0) return run(validator, value);

  const rest: Record<string, PlainValue> = Object.assign(Object.create(null), value);
  for (const section of large) delete rest[section];
  let errors = run(validator, rest);
  const frame: PlainMap = isIncluded ? {} : { version: 1 };
  for (const section of large) {
    for (const slice of slices(value[section])) {
      errors = errors.concat(run(validator, { ...frame, [section]: slice }));
      if (errors.length > ENOUGH_ERRORS) return errors;
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
  const map = isMap(value) ? value : {};
  const keys = Object.keys(map);
  for (let from = 0; from < keys.length; from += SLICE) {
    const slice: Record<string, PlainValue> = Object.create(null);
    for (const key of keys.slice(from, from + SLICE)) slice[key] = map[key] ?? null;
    yield slice;
  }
}
