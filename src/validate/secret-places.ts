/** Where a secret may have been typed, rightly or not: diagnostics show neither the value nor its line. */
import type { Path } from '../model/position.ts';
import type { PlainValue } from '../model/source-document.ts';
import { isMap } from './schema-errors.ts';

/** Whether what stands at the path may be a secret, as the password in `bob@example.com: hunter2`. */
export function mayBeSecret(path: Path, value: PlainValue | undefined): boolean {
  const [section, name, key] = path;
  if (section === 'relay') return name === 'password' || (name === undefined && !isMap(value));
  if (section !== 'users' || name === undefined) return false;
  return key === undefined ? !isMap(value) : key === 'password';
}

/**
 * Whether a key that does not belong into this map may be a misspelt `password`, with a password behind it.
 */
export function mayHoldMisspeltSecret(path: Path): boolean {
  const [section, name] = path;
  if (section === 'relay') return true;
  return section === 'users' && name !== undefined;
}
