/** From what the schema says to what a person reads: one diagnostic a place, at the place, with the cure. */
import { type Diagnostic, type DiagnosticExtras, error } from '../diagnostics/diagnostic.ts';
import { quote } from '../diagnostics/quote.ts';
import { suggest } from '../diagnostics/suggest.ts';
import { type SchemaError, schemaPlaces } from '../generated/validate-schema.js';
import type { Path } from '../model/position.ts';
import type { PlainValue, SourceDocument } from '../model/source-document.ts';
import { homesOf, nameOf, pathOf, placeOf, valueAt } from './place.ts';
import { isMap, SPLIT_SECTIONS } from './schema-errors.ts';
import { mayBeSecret, mayHoldMisspeltSecret } from './secret-places.ts';

/** @param errors of this document, in any order; several of one place become one diagnostic */
export function describe(
  document: SourceDocument,
  errors: readonly SchemaError[],
  isIncluded: boolean,
): readonly Diagnostic[] {
  const seen = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  for (const found of errors) {
    // Says only that one of its branches failed, which has its own error.
    if (found.keyword === 'if') continue;
    const what = found.params.additionalProperty ?? found.params.missingProperty ?? '';
    const place = `${found.instancePath}\n${what}`;
    if (seen.has(place)) continue;
    seen.add(place);
    diagnostics.push(describeOne(document, found, isIncluded));
  }
  return diagnostics;
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
  const known = isIncluded && path.length === 0 ? SPLIT_SECTIONS : (placeOf(path)?.keys ?? []);
  const near = suggest(key, known);
  const homes = homesOf(key);
  const extras: DiagnosticExtras =
    near !== null
      ? { hint: `did you mean "${near}"?` }
      : homes.length > 0
        ? { hint: `"${key}" belongs in ${listOf(homes)}` }
        : { hint: `known here: ${known.join(', ')}` };
  // `{password hunter2: }` is a key too, so only its first word is repeated.
  const concealed = mayHoldMisspeltSecret(path) && (near === null || near === 'password');
  const shown = concealed ? quote(/^[\w-]{0,20}/.exec(key)?.[0] ?? '') : quote(key);
  const where = path.length === 0 ? '' : ` in ${quote(nameOf(path))}`;
  return error('key-unknown', position, `unknown key ${shown}${where}`, { ...extras, concealed });
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
      hint: 'run "mailc passwd" and write the hash that it prints; whoever saw the password should not use it',
      concealed,
    });
  }
  if (path[0] === 'relay' && path[1] === 'password' && path.length === 2 && !isMap(value) && value !== null) {
    return error('secret-in-clear', position, `${name} is typed in clear`, {
      hint: 'keep it outside git: { env: RELAY_PASSWORD } or { file: /root/relay-password }',
      concealed,
    });
  }
  const place = placeOf(path);
  const hint = hintFor(path, value, place?.values ?? null, place?.expected ?? '');
  return error('value-invalid', position, `${name} must be ${place?.expected ?? 'something else'}`, {
    ...(hint === null ? {} : { hint }),
    concealed,
  });
}

type Values = readonly (string | number | boolean | null)[];

/** What the author probably meant; never more of the value than a word that mailc knows anyway. */
function hintFor(
  path: Path,
  value: PlainValue | undefined,
  values: Values | null,
  expected: string,
): string | null {
  if (path[0] === 'relay' && path[1] === 'password' && path[2] === 'env') {
    return 'the name of the variable goes here; what it holds stays outside git';
  }
  if (typeof value === 'string') {
    if (values !== null) {
      const words = values.filter((known) => typeof known === 'string');
      const near = suggest(value, words);
      return near === null ? null : `did you mean "${near}"?`;
    }
    if (/^[\w.-]+:\S/.test(value) && expected.startsWith('a map')) return 'put a space after the colon';
    if (/^(?:yes|no|on|off)$/i.test(value) && expected.includes('false')) {
      return `YAML 1.2 reads "${value}" as a text; write true or false`;
    }
    if (/^-?[0-9]+(?:\.[0-9]+)?$/.test(value) && expected.includes('number'))
      return 'write it without quotes';
  }
  if ((typeof value === 'number' || typeof value === 'boolean') && takesText(expected))
    return 'put it in quotes';
  if (expected.startsWith('a list') && !Array.isArray(value)) return 'write it in brackets: [a, b]';
  return null;
}

function takesText(expected: string): boolean {
  return !/^(?:a map|a list|a whole number|a number|true or false|an address|a size)/.test(expected);
}

function listOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
