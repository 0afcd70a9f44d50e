import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { rsaKeyBits } from './dkim-public-key.ts';

const spki = { type: 'spki', format: 'der' } as const;
const pkcs8 = { type: 'pkcs8', format: 'der' } as const;
const rsa = (modulusLength: number): Buffer =>
  generateKeyPairSync('rsa', { modulusLength, publicKeyEncoding: spki, privateKeyEncoding: pkcs8 }).publicKey;

test.each([512, 1024, 1032])('an RSA key of %i bits is one', (bits) => {
  expect(rsaKeyBits(rsa(bits).toString('base64'))).toBe(bits);
});

test('a key that is cut short, has something behind it, or is of another kind is none', () => {
  const key = rsa(1024);
  const { publicKey: curve } = generateKeyPairSync('ec', {
    namedCurve: 'P-384',
    publicKeyEncoding: spki,
    privateKeyEncoding: pkcs8,
  });
  const none = [
    ...Array.from(key.keys(), (length) => key.subarray(0, length)),
    Buffer.concat([key, Buffer.of(0)]),
    curve,
    Buffer.alloc(300, 0x30),
  ];

  expect(none.map((bytes) => rsaKeyBits(bytes.toString('base64')))).toEqual(none.map(() => null));
});

test('a key that is not base64 to its last character is none', () => {
  const whole = rsa(1024).toString('base64');
  const bare = whole.replace(/=+$/, '');
  expect([whole, bare].map(rsaKeyBits)).toEqual([1024, 1024]);
  expect([`${bare}+`, `${bare}/`, `${whole}=`, `${whole}A`].map(rsaKeyBits)).toEqual([
    null,
    null,
    null,
    null,
  ]);
});
