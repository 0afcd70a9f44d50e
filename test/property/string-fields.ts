/** Every place of mail.yaml that takes text, read from the schema, so that a new field is among them by itself. */
import { readFileSync } from 'node:fs';
import type { MailYaml } from '../../src/model/mail-yaml.generated.ts';

export interface StringField {
  /** `users.*.send_as.*`; a `*` is any key or item. With ` (key)` behind it the key itself is meant. */
  readonly name: string;
  /** Values that are right there, if all that they name is there too. */
  readonly examples: readonly string[];
  /** Whole configurations that hold `value` there, the likeliest to be right first. */
  readonly configurations: (base: MailYaml, value: string) => Iterable<MailYaml>;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

type Tree = { [key: string]: unknown };

const schema: Schema = JSON.parse(
  readFileSync(new URL('../../schema/mail.schema.json', import.meta.url), 'utf8'),
);

export function stringFields(): readonly StringField[] {
  return [...fieldsBelow(schema, [])];
}

function* fieldsBelow(written: Schema, path: readonly string[]): Generator<StringField> {
  const node = resolved(written);
  const types = [node.type ?? []].flat();
  if (types.includes('string') || node.enum?.some((value) => typeof value === 'string')) {
    yield field(path, examplesOf(node, path), false);
  }
  for (const [key, property] of Object.entries(node.properties ?? {})) {
    yield* fieldsBelow(property, [...path, key]);
  }
  if (typeof node.additionalProperties === 'object') {
    const [key] = Object.keys((node.examples?.[0] ?? {}) as Tree);
    if (key === undefined) throw new Error(`${path.join('.')} has no example of a key`);
    // A name of its own, or where only names from elsewhere are right, the one of the example.
    yield field([...path, '*'], [`new.${key}`, key], true);
    yield* fieldsBelow(node.additionalProperties, [...path, '*']);
  }
  if (node.items !== undefined) yield* fieldsBelow(node.items, [...path, '*']);
}

/** What stands beside a reference counts before what it refers to. */
function resolved(node: Schema): Schema {
  const name = node.$ref?.slice('#/$defs/'.length);
  const referred = name === undefined ? undefined : schema.$defs?.[name];
  return referred === undefined ? node : { ...resolved(referred), ...node };
}

function examplesOf(node: Schema, path: readonly string[]): readonly string[] {
  const isText = (value: unknown): value is string => typeof value === 'string';
  const own = [...(node.examples ?? []), ...(node.enum ?? [])].flat().filter(isText);
  // An item: those of the list.
  const list = (): readonly unknown[] => schemaAt(path.slice(0, -1)).examples?.flat() ?? [];
  const examples = own.length > 0 ? own : list().filter(isText);
  if (examples.length === 0) throw new Error(`${path.join('.')} has no example`);
  // An address may be one of somebody elsewhere, which other rules hold for.
  return examples[0]?.includes('@') ? [...examples, 'partner@elsewhere.example'] : examples;
}

function schemaAt(path: readonly string[]): Schema {
  return path.reduce<Schema>((node, key) => {
    const { properties, additionalProperties, items } = resolved(node);
    const next =
      properties?.[key] ?? (typeof additionalProperties === 'object' ? additionalProperties : items);
    if (next === undefined) throw new Error(`the schema has no ${path.join('.')}`);
    return next;
  }, schema);
}

function field(path: readonly string[], examples: readonly string[], isKey: boolean): StringField {
  return {
    name: `${path.join('.')}${isKey ? ' (key)' : ''}`,
    examples,
    configurations: function* (base, value) {
      if (isKey) {
        // One more; where that is one too many, another name for the one that is there.
        yield edited(base, path, (parent, key) => set(parent, value, structuredClone(parent[key])));
        yield edited(base, path, (parent, key) => rename(parent, key, value));
        return;
      }
      yield edited(base, path, (parent, key) => set(parent, key, value));
      // Where a neighbour excludes it: what stands around it as an example shows it, or nothing around it.
      for (const around of examplesAround(path)) {
        const filled = edited(base, path.slice(0, -1), (parent, key) =>
          set(parent, key, structuredClone(around)),
        );
        yield edited(filled, path, (parent, key) => set(parent, key, value));
      }
      yield edited(base, path.slice(0, -1), (parent, key) =>
        set(parent, key, { [path.at(-1) ?? '']: value }),
      );
    },
  };
}

function examplesAround(path: readonly string[]): readonly unknown[] {
  const examples = path.length < 2 ? [] : (resolved(schemaAt(path.slice(0, -1))).examples ?? []);
  return examples.filter(
    (example) => typeof example === 'object' && example !== null && (path.at(-1) ?? '') in example,
  );
}

/** A copy in which `edit` was done to the holder of the last step of `path`. */
function edited(
  base: MailYaml,
  path: readonly string[],
  edit: (parent: Tree, key: string) => void,
): MailYaml {
  const copy = structuredClone(base) as unknown as Tree;
  let parent = copy;
  for (const [depth, step] of path.slice(0, -1).entries()) {
    const key = chosen(parent, step, path.slice(depth + 1));
    if (typeof parent[key] !== 'object' || parent[key] === null)
      set(parent, key, path[depth + 1] === '*' ? [] : {});
    parent = parent[key] as Tree;
  }
  edit(parent, chosen(parent, path.at(-1) ?? '', []));
  return copy as unknown as MailYaml;
}

/** Of a map the entry that has what comes next already, so that it fits there; else the first. */
function chosen(parent: Tree, step: string, rest: readonly string[]): string {
  if (step !== '*') return step;
  const [next = ''] = rest;
  const keys = Object.keys(parent);
  const fits = keys.find((key) => {
    const value = parent[key];
    return typeof value === 'object' && value !== null && next in value;
  });
  return fits ?? keys[0] ?? '0';
}

function set(parent: Tree, key: string, value: unknown): void {
  Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
}

/** In its place, since the first of a map may mean something. */
function rename(parent: Tree, from: string, to: string): void {
  const entries = Object.entries(parent);
  for (const [key] of entries) delete parent[key];
  for (const [key, value] of entries) set(parent, key === from ? to : key, value);
}
