/**
 * The secrets of one host: generated ones are made here once and kept, chosen ones are read where mail.yaml
 * says. The only place in mailc that holds a secret's value.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Diagnostic, error } from '../../diagnostics/diagnostic.ts';
import type { SecretDefinition } from '../../model/secret.ts';
import { makeFolders } from '../make-folders.ts';
import { generateSecret } from './generate-secret.ts';
import { writeFileDurably } from './write-durably.ts';

export type SecretValues = ReadonlyMap<string, string>;

/** `values` lacks what could not be had; `diagnostics` says why. */
export interface ReadSecrets {
  readonly values: SecretValues;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads what exists; a generated secret that is not there yet is left out without a word.
 * `root` stands before absolute paths on the host.
 */
export function readSecrets(
  folder: string,
  root: string,
  definitions: readonly SecretDefinition[],
  environment: Readonly<Record<string, string | undefined>>,
): ReadSecrets {
  const values = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  for (const definition of definitions) {
    const { name, origin, source } = definition;
    if (origin.kind === 'generated') {
      const value = readIfThere(join(folder, name));
      if (value !== null) values.set(name, value);
    } else if (origin.kind === 'env') {
      const value = environment[origin.variable];
      if (value !== undefined && value !== '') values.set(name, value);
      else
        diagnostics.push(missing(source, name, `the environment variable "${origin.variable}" is not set`));
    } else {
      const value = readIfThere(join(root, origin.path));
      if (value !== null) values.set(name, value.replace(/\r?\n$/, ''));
      else diagnostics.push(missing(source, name, `the file "${origin.path}" cannot be read`));
    }
  }
  return { values, diagnostics };
}

export interface Keeping {
  readonly definitions: readonly SecretDefinition[];
  /** What the folder has. */
  readonly known: SecretValues;
  readonly shared: SecretValues;
  /** Names of those that get another value; `shared` has none of them, or the new one. */
  readonly rotating: ReadonlySet<string>;
}

/**
 * Makes the generated secrets that are not there yet, or takes them from `shared`: hosts of one system must
 * agree on them. Each is on disk, durably, before anything uses it. Gives all values by name.
 */
export function keepSecrets(folder: string, { definitions, known, shared, rotating }: Keeping): SecretValues {
  const values = new Map(known);
  for (const { name, origin } of definitions) {
    if (origin.kind !== 'generated') continue;
    const old = known.get(name);
    const kept = rotating.has(name) ? undefined : old;
    const value = shared.get(name) ?? kept ?? generateSecret(origin.form, old);
    if (old === value) continue;
    writeSecrets(folder, new Map([[name, value]]));
    values.set(name, value);
  }
  return values;
}

/** Each durably, one after the other, in place of what is there. */
export function writeSecrets(folder: string, values: SecretValues): void {
  for (const [name, value] of values) {
    makeFolders(folder, 0o700);
    writeFileDurably(join(folder, name), value, 0o600);
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function missing(source: SecretDefinition['source'], name: string, why: string): Diagnostic {
  return error('secret-missing', source, `the secret "${name}" cannot be had: ${why}`, {
    hint: 'set it where mailc apply runs, then apply again',
  });
}
