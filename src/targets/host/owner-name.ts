/** What a host calls the owner of a file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `root` is the host's own root folder. Of a user id that passwd(5) does not name, `uid 1000`. */
export function ownerNames(root: string): (uid: number) => string {
  let names: ReadonlyMap<number, string> | null = null;
  return (uid) => {
    // Read only once somebody has changed a file, which is rare.
    names ??= readPasswd(join(root, 'etc/passwd'));
    return names.get(uid) ?? `uid ${uid}`;
  };
}

function readPasswd(file: string): ReadonlyMap<number, string> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return new Map();
  }
  const entries = text.split('\n').flatMap((line): readonly (readonly [number, string])[] => {
    const [name = '', , uid = ''] = line.split(':');
    return /^[0-9]+$/.test(uid) ? [[Number(uid), name]] : [];
  });
  // The first line that has an id names it.
  return new Map(entries.toReversed());
}
