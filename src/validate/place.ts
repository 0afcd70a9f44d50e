/** From a place in a document to what the schema says of it, and to its name in a message. */
import { type SchemaPlace, schemaPlaces } from '../generated/validate-schema.js';
import type { Path } from '../model/position.ts';
import type { PlainValue } from '../model/source-document.ts';

/** The path that a JSON pointer (RFC 6901) names in `root`, with numbers for the indexes of lists. */
export function pathOf(pointer: string, root: PlainValue): Path {
  const path: (string | number)[] = [];
  let value: PlainValue | undefined = root;
  for (const step of pointer.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(value) ? Number(key) : key);
    value = childOf(value, key);
  }
  return path;
}

export function valueAt(path: Path, root: PlainValue): PlainValue | undefined {
  let value: PlainValue | undefined = root;
  for (const step of path) value = childOf(value, String(step));
  return value;
}

function childOf(value: PlainValue | undefined, key: string): PlainValue | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, PlainValue>)[key] : undefined;
}

/** A place of the schema, with `*` for keys that are free; null for a path that the schema does not know. */
function schemaPointerOf(path: Path): string | null {
  let pointer = '';
  for (const step of path) {
    const known = schemaPlaces[pointer]?.keys?.includes(String(step)) === true;
    pointer = known ? `${pointer}/${step}` : `${pointer}/*`;
    if (schemaPlaces[pointer] === undefined) return null;
  }
  return pointer;
}

export function placeOf(path: Path): SchemaPlace | null {
  const pointer = schemaPointerOf(path);
  return pointer === null ? null : (schemaPlaces[pointer] ?? null);
}

/** The maps that have a key of this name, as `domains.*`, for a key that was written somewhere else. */
export function homesOf(key: string): readonly string[] {
  return Object.entries(schemaPlaces)
    .filter(([, place]) => place.keys?.includes(key))
    .map(([pointer]) => (pointer === '' ? 'the top level' : pointer.slice(1).replaceAll('/', '.')));
}

/** `users.bob@example.com.send_as[0]`. */
export function nameOf(path: Path): string {
  return path
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`))
    .join('');
}
