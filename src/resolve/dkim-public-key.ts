/** Reads the public key of a `p=` tag: a key that is cut short or too short must not reach DNS. */

/** Bits of the modulus of an RSA key (RFC 6376 section 3.6.1, SubjectPublicKeyInfo of RFC 8017); null if it is none. */
export function rsaKeyBits(base64: string): number | null {
  const file = Buffer.from(base64, 'base64');
  // Node reads past what does not belong there, such as a digit too many; receivers need not.
  const canonical = file.toString('base64');
  if (base64 !== canonical && base64 !== canonical.replace(/=+$/, '')) return null;
  const info = whole(file, element(file, 0, tags.sequence));
  const algorithm = info && element(file, info.start, tags.sequence);
  const bits = algorithm && whole(file, element(file, algorithm.end, tags.bitString), info.end);
  if (!bits || !file.subarray(algorithm.start, algorithm.end).equals(rsaEncryption)) return null;
  // The first byte of a bit string counts the bits to ignore at its end: none here.
  const key =
    file[bits.start] === 0 ? whole(file, element(file, bits.start + 1, tags.sequence), bits.end) : null;
  const modulus = key && element(file, key.start, tags.integer);
  const exponent = modulus && whole(file, element(file, modulus.end, tags.integer), key.end);
  if (!exponent) return null;
  const digits = file.subarray(modulus.start, modulus.end).toString('hex').replace(/^0+/, '');
  return digits === '' ? null : BigInt(`0x${digits}`).toString(2).length;
}

const tags = { integer: 0x02, bitString: 0x03, sequence: 0x30 } as const;

/** Object identifier 1.2.840.113549.1.1.1 and its NULL parameters, as RFC 8017 appendix C has them. */
const rsaEncryption = Buffer.from('06092a864886f70d0101010500', 'hex');

/** Where the content of an element stands. */
interface Element {
  readonly start: number;
  readonly end: number;
}

/** Reads one element of DER (X.690 section 8.1) with the expected tag; null where there is no such element. */
function element(file: Buffer, at: number, tag: number): Element | null {
  const first = file[at + 1];
  if (file[at] !== tag || first === undefined) return null;
  const lengthBytes = first < 0x80 ? 0 : first - 0x80;
  if (lengthBytes > 3) return null;
  const start = at + 2 + lengthBytes;
  let length = lengthBytes === 0 ? first : 0;
  for (const byte of file.subarray(at + 2, start)) length = length * 256 + byte;
  return start + length <= file.length ? { start, end: start + length } : null;
}

/** The element, if nothing stands behind it. */
function whole(file: Buffer, found: Element | null, end: number = file.length): Element | null {
  return found?.end === end ? found : null;
}
