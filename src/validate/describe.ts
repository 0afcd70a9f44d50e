/** From what the schema says to what a person reads: one diagnostic a place, at the place, with the cure. */
import { type Diagnostic, error } from '../diagnostics/diagnostic.ts';
import { quote } from '../diagnostics/quote.ts';
import { suggest } from '../diagnostics/suggest.ts';
import { type SchemaError, type SchemaPlace, schemaPlaces } from '../generated/validate-schema.js';
import type { Path } from '../model/position.ts';
import type { PlainValue, SourceDocument } from '../model/source-document.ts';
import { homesOf, nameOf, pathOf, placeOf, valueAt } from './place.ts';
import { isMap, MOST_ERRORS, SPLIT_SECTIONS } from './schema-errors.ts';
import { mayBeSecret, mayHoldMisspeltSecret } from './secret-places.ts';

/**
 * @param errors of this document, in any order; several of one place become one diagnostic, and too many are
 * cut
 */
export function describe(
  document: SourceDocument,
  errors: readonly SchemaError[],
  isIncluded: boolean,
): readonly Diagnostic[] {
  const seen = misspelt(errors, isIncluded);
  const diagnostics: Diagnostic[] = [];
  for (const found of errors) {
    // Says only that one of its branches failed, which has its own error.
    if (found.keyword === 'if') continue;
    const place = placeId(found, found.params.additionalProperty ?? found.params.missingProperty);
    if (seen.has(place)) continue;
    seen.add(place);
    diagnostics.push(describeOne(document, found, isIncluded));
    if (diagnostics.length >= MOST_ERRORS) break;
  }
  return diagnostics;
}

/** Keys that are missing only because they were misspelt: one mistake is one diagnostic. */
function misspelt(errors: readonly SchemaError[], isIncluded: boolean): Set<string> {
  const places = new Set<string>();
  const missing = errors.filter(({ keyword }) => keyword === 'required');
  if (missing.length === 0) return places;
  const maps = new Set(missing.map(({ instancePath }) => instancePath));
  for (const found of errors) {
    const key = found.params.additionalProperty;
    if (typeof key !== 'string' || !maps.has(found.instancePath)) continue;
    const near = suggest(key, knownKeys(pathOf(found.instancePath, null), isIncluded));
    if (near !== null) places.add(placeId(found, near));
  }
  return places;
}

function placeId({ instancePath }: SchemaError, key: unknown): string {
  return `${instancePath}\n${key ?? ''}`;
}

function knownKeys(path: Path, isIncluded: boolean): readonly string[] {
  return isIncluded && path.length === 0 ? SPLIT_SECTIONS : (placeOf(path)?.keys ?? []);
}

function describeOne(document: SourceDocument, found: SchemaError, isIncluded: boolean): Diagnostic {
  const path = pathOf(found.instancePath, document.value);
  const { additionalProperty, missingProperty } = found.params;
  if (typeof additionalProperty === 'string')
    return unknownKey(document, path, additionalProperty, isIncluded);
  if (typeof missingProperty === 'string') return missingKey(document, path, missingProperty);
  return wrongValue(document, path);
}

function unknownKey(document: SourceDocument, path: Path, key: string, isIncluded: boolean): Diagnostic {
  const position = document.positionOf([...path, key], 'key');
  if (isIncluded && path.length === 0 && schemaPlaces['']?.keys?.includes(key)) {
    return error('include-key', position, `${quote(key)} does not belong into an included file`, {
      hint: `write it in mail.yaml; an included file holds only ${listOf(SPLIT_SECTIONS)}`,
    });
  }
  const known = knownKeys(path, isIncluded);
  const near = suggest(key, known);
  const hint = near === null ? hintForUnknown(key, known) : `did you mean "${near}"?`;
  // `{password hunter2: }` is a key too, so only its first word is repeated.
  const concealed = mayHoldMisspeltSecret(path) && (near === null || near === 'password');
  const shown = concealed ? quote(/^[\w-]{0,20}/.exec(key)?.[0] ?? '') : quote(key);
  const where = path.length === 0 ? '' : ` in ${quote(nameOf(path))}`;
  return error('key-unknown', position, `unknown key ${shown}${where}`, { hint, concealed });
}

function hintForUnknown(key: string, known: readonly string[]): string {
  const homes = homesOf(key);
  return homes.length > 0 ? `"${key}" belongs in ${listOf(homes)}` : `known here: ${known.join(', ')}`;
}

function missingKey(document: SourceDocument, path: Path, key: string): Diagnostic {
  const name = nameOf([...path, key]);
  const message = `${quote(name)} is missing`;
  return error('key-missing', document.positionOf(path, 'key'), message, { hint: exampleOf(path, key) });
}

function exampleOf(path: Path, key: string): string {
  if (path[0] === 'users' && key === 'password')
    return 'run "mailc passwd" and write the hash that it prints';
  const expected = placeOf([...path, key])?.expected ?? '';
  return key === 'version' ? 'begin the file with "version: 1"' : `add "${key}": ${expected}`;
}

function wrongValue(document: SourceDocument, path: Path): Diagnostic {
  const value = valueAt(path, document.value);
  const position = document.positionOf(path);
  const name = path.length === 0 ? 'the file' : quote(nameOf(path));
  const concealed = mayBeSecret(path, value);
  if (path[0] === 'users' && path[2] === 'password' && value !== null) {
    return error('secret-in-clear', position, `${name} is no hash`, {
      hint: 'write the hash that "mailc passwd" prints, of another password than the one that stood here',
      concealed,
    });
  }
  if (path[0] === 'relay' && path[1] === 'password' && path.length === 2 && !isMap(value) && value !== null) {
    return error('secret-in-clear', position, `${name} is typed in clear`, {
      hint: 'keep it outside git: { env: RELAY_PASSWORD } or { file: /root/relay-password }',
      concealed,
    });
  }
  const expected = placeOf(path)?.expected ?? 'something else';
  const hint = hintFor(path, value);
  return error('value-invalid', position, `${name} must be ${expected}`, {
    ...(hint === null ? {} : { hint }),
    concealed,
  });
}

/** What the author probably meant; never more of the value than a word that mailc knows anyway. */
function hintFor(path: Path, value: PlainValue | undefined): string | null {
  const place = placeOf(path);
  if (place === null) return null;
  const { expected, values, keys } = place;
  if (path[0] === 'relay' && path[2] === 'env') {
    return 'the name of the variable goes here; what it holds stays outside git';
  }
  if (expected.startsWith('a map')) return hintForMap(path, value, keys ?? []);
  if (expected.startsWith('a list') && !Array.isArray(value)) return 'write it in brackets: [a, b]';
  if (typeof value === 'string') return hintForText(value, expected, values);
  if (typeof value !== 'number' && typeof value !== 'boolean') return null;
  if (expected.startsWith('a size')) return typeof value === 'number' ? 'add a unit, as in 5GB' : null;
  const takesText =
    values === null && !/^(?:1$|an? (?:whole )?number|an address|true or false)/.test(expected);
  return takesText ? 'put it in quotes' : null;
}

function hintForMap(path: Path, value: PlainValue | undefined, keys: readonly string[]): string | null {
  if (typeof value === 'string' && /^[\w.-]+:\S/.test(value)) return 'put a space after the colon';
  const isOff = value === false || (typeof value === 'string' && /^(?:no|off)$/i.test(value));
  if (isOff && keys.includes('enabled')) return 'write { enabled: false }';
  if (path[0] === 'users' && path.length === 2) {
    return 'write { password: HASH }, with the hash that "mailc passwd" prints';
  }
  return keys.length > 0 ? `known here: ${keys.join(', ')}` : null;
}

function hintForText(value: string, expected: string, values: SchemaPlace['values']): string | null {
  if (values !== null) {
    const near = suggest(
      value,
      values.filter((known) => typeof known === 'string'),
    );
    return near === null ? null : `did you mean "${near}"?`;
  }
  if (/^(?:yes|no|on|off)$/i.test(value) && expected.includes('false')) {
    return `YAML 1.2 reads "${value}" as a text; write true or false`;
  }
  const isNumber = /^-?[0-9]+(?:\.[0-9]+)?$/.test(value);
  return isNumber && expected.includes('number') ? 'write it without quotes' : null;
}

function listOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
