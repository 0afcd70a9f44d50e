/** Makes the value of a secret that nobody has to choose, and the one that takes its place. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { SecretForm } from '../../model/secret.ts';

/** `former` is the value that the new one replaces; undefined where there was none. */
export function generateSecret(form: SecretForm, former?: string): string {
  switch (form) {
    case 'password':
      return randomPassword();
    case 'key-list': {
      // What was signed with the former key may come back for weeks, and is still accepted.
      const known = former?.split('\n').filter((key) => key !== '') ?? [];
      return [randomPassword(), ...known.slice(0, 1)].join('\n');
    }
    case 'dkim-rsa-2048':
      return rsaKey();
  }
}

/** RFC 8301 section 3.2: signers should use 2048 bits; more does not fit every resolver's UDP answer. */
function rsaKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return privateKey;
}

/** 32 letters and digits are 190 bits, and need no quoting in any syntax. */
function randomPassword(): string {
  const length = 32;
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // 248 is the largest multiple of 62 below 256: the rest would favour the first letters.
      if (byte < 248 && text.length < length) text += alphabet[byte % 62];
    }
  }
  return text;
}
