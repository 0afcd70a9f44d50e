/** What `resolve` makes of a written configuration, in the few words that a test compares. */
import type { MailSystem } from '../../src/model/mail-system.ts';
import { resolve } from '../../src/resolve/resolve.ts';
import { aWrittenConfig } from './a-written-config.ts';

type Written = Parameters<typeof aWrittenConfig>[0];

/** What is wrong, as `code at path`. */
export function faults(differences: Written): readonly string[] {
  const { diagnostics } = resolve(aWrittenConfig(differences));
  return diagnostics.map(({ code, position }) => `${code} at ${position?.file}`);
}

export function messages(differences: Written): readonly string[] {
  return resolve(aWrittenConfig(differences)).diagnostics.map(({ message }) => message);
}

/** For what a test knows to have no error. */
export function resolved(differences: Written = {}): MailSystem {
  const { value, diagnostics } = resolve(aWrittenConfig(differences));
  if (value === null) throw new Error(JSON.stringify(diagnostics, null, 2));
  return value;
}
