/** From bytes to text without loss: the text encodes to the same bytes again, or it is not decoded at all. */

export interface NotUtf8 {
  /** Of the first byte that does not fit, from 1. */
  readonly line: number;
  readonly column: number;
  /** The file begins with a byte order mark of UTF-16. */
  readonly isUtf16: boolean;
}

/** A byte order mark stays: it is for the parser to overlook. */
export function decodeUtf8(bytes: Uint8Array): string | NotUtf8 {
  try {
    return decode(bytes, true);
  } catch {
    return firstFault(bytes);
  }
}

function decode(bytes: Uint8Array, fatal: boolean): string {
  return new TextDecoder('utf-8', { fatal, ignoreBOM: true }).decode(bytes);
}

function firstFault(bytes: Uint8Array): NotUtf8 {
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    const content = bytes.subarray(start, end < 0 ? bytes.length : end);
    try {
      decode(content, true);
    } catch {
      return { line, column: columnOfFault(content), isUtf16 };
    }
    start = end < 0 ? bytes.length : end + 1;
  }
  return { line: 1, column: 1, isUtf16 };
}

/** In code points. What is decoded anyway has a U+FFFD at the fault, and before it only those that were typed. */
function columnOfFault(content: Uint8Array): number {
  const characters = [...decode(content, false)];
  let length = 0;
  for (const [index, character] of characters.entries()) {
    const encoded = new TextEncoder().encode(character);
    if (encoded.some((byte, offset) => content[length + offset] !== byte)) return index + 1;
    length += encoded.length;
  }
  return characters.length + 1;
}
