/** SHA512-CRYPT on node:crypto: the same function as the package sha512crypt-node, for when it would take long. */
import { createHash, hash } from 'node:crypto';

/**
 * The 86 characters after the last `$`, as Ulrich Drepper's "Unix crypt using SHA-256 and SHA-512" defines them
 * (the numbers of the steps are its). `password` and `salt` are bytes; the salt is cut to 16 by the caller.
 */
export function sha512Crypt(password: Buffer, salt: Buffer, rounds: number): string {
  const b = sha512(password, salt, password); // steps 4 to 8
  const a = createHash('sha512').update(password).update(salt).update(stretched(b, password.length)); // 1 to 10
  for (let bits = password.length; bits > 0; bits >>= 1) a.update(bits & 1 ? b : password); // 11
  let digest: Buffer = a.digest(); // 12

  const dp = createHash('sha512'); // 13 to 15
  for (let count = 0; count < password.length; count++) dp.update(password);
  const p = stretched(dp.digest(), password.length); // 16

  const ds = createHash('sha512'); // 17 to 19
  const repetitions = 16 + (digest[0] ?? 0);
  for (let count = 0; count < repetitions; count++) ds.update(salt);
  const s = stretched(ds.digest(), salt.length); // 20

  for (let round = 0; round < rounds; round++) {
    const parts = [round & 1 ? p : digest]; // 21
    if (round % 3) parts.push(s);
    if (round % 7) parts.push(p);
    parts.push(round & 1 ? digest : p);
    digest = sha512(...parts);
  }
  return encoded(digest); // 22
}

function sha512(...parts: readonly Buffer[]): Buffer {
  return hash('sha512', Buffer.concat(parts), 'buffer');
}

/** A digest, repeated and cut to `length`. */
function stretched(digest: Buffer, length: number): Buffer {
  return Buffer.alloc(length, digest);
}

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Three bytes make four characters, lowest bits first; which bytes go together turns by one place each time. */
function encoded(digest: Buffer): string {
  let text = '';
  const put = (high: number, middle: number, low: number, characters: number): void => {
    let bits = (high << 16) | (middle << 8) | low;
    for (let count = 0; count < characters; count++) {
      text += alphabet[bits & 63];
      bits >>= 6;
    }
  };
  for (let index = 0; index < 21; index++) {
    const bytes = [digest[index] ?? 0, digest[index + 21] ?? 0, digest[index + 42] ?? 0];
    const turn = index % 3;
    put(bytes[turn] ?? 0, bytes[(turn + 1) % 3] ?? 0, bytes[(turn + 2) % 3] ?? 0, 4);
  }
  put(0, 0, digest[63] ?? 0, 2);
  return text;
}
