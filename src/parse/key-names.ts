/**
 * The few keys that thousands of maps share (`password`, `quota`), as one string each. A map whose key is cut
 * from the text anew every time costs V8 ten times as much to fill as one whose key it has seen as a name.
 */

export type KeyNames = Map<string, string>;

const LONGEST = 24;
const MOST = 256;

export function keyName(names: KeyNames, key: string): string {
  // Addresses and domains are longer, or too many to be worth remembering.
  if (key.length > LONGEST) return key;
  const known = names.get(key);
  if (known !== undefined || names.size >= MOST) return known ?? key;
  const [name = key] = Object.keys({ [key]: null });
  names.set(name, name);
  return name;
}
