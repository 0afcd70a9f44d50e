// The first words of TLS (RFC 5246 section 7.4.1), byte by byte: they can offer what no library of today still has,
// and the server's first words say what it would take of it.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';

const versions = { SSLv3: 0x0300, TLSv1: 0x0301, 'TLSv1.1': 0x0302, 'TLSv1.2': 0x0303 } as const;
export type HelloVersion = keyof typeof versions;

export interface Hello {
  /** The newest that the client has. */
  readonly version: HelloVersion;
  /** By their numbers (IANA, "TLS Cipher Suites"). */
  readonly ciphers: readonly number[];
  /** As the first choice (RFC 3749); no compression is the second. */
  readonly deflate?: boolean;
}

/** What the server would go on with, or the alert that it ends with. */
export type HelloAnswer =
  | { readonly version: HelloVersion | undefined; readonly cipher: number; readonly deflate: boolean }
  | { readonly alert: string };

/** RFC 5246 section 7.2 and RFC 8446 section 6. */
const alerts: Readonly<Record<number, string>> = {
  40: 'handshake_failure',
  47: 'illegal_parameter',
  50: 'decode_error',
  70: 'protocol_version',
  71: 'insufficient_security',
  80: 'internal_error',
};

export async function answerToHello(socket: Socket, hello: Hello): Promise<HelloAnswer> {
  socket.write(record(hello));
  let received = Buffer.alloc(0);
  while (received.length < 5 || received.length < 5 + received.readUInt16BE(3)) {
    const [data] = await once(socket, 'data');
    received = Buffer.concat([received, data]);
  }
  socket.destroy();
  const body = received.subarray(5);
  if (received[0] === 21) return { alert: alerts[body[1] ?? 0] ?? `alert ${body[1]}` };
  if (received[0] !== 22 || body[0] !== 2) throw new Error(`no TLS: ${received.toString('latin1')}`);
  // A ServerHello: its type and length, version, 32 random bytes, the session's id, the cipher, the compression.
  const version = body.readUInt16BE(4);
  const afterId = 39 + (body[38] ?? 0);
  return {
    version: (Object.keys(versions) as HelloVersion[]).find((name) => versions[name] === version),
    cipher: body.readUInt16BE(afterId),
    deflate: body[afterId + 2] === 1,
  };
}

function record({ version, ciphers, deflate = false }: Hello): Buffer {
  const extensions = [
    extension(10, uint16(4, 0x001d, 0x0017)), // groups: X25519, P-256
    extension(11, Buffer.from([1, 0])), // points: uncompressed
    extension(13, uint16(10, 0x0403, 0x0804, 0x0401, 0x0203, 0x0201)), // signatures: ECDSA, RSA; SHA-256, SHA-1
  ];
  const body = Buffer.concat([
    uint16(versions[version]),
    randomBytes(32),
    Buffer.from([0]), // no session to resume
    withLength(uint16(...ciphers)),
    Buffer.from(deflate ? [2, 1, 0] : [1, 0]),
    withLength(Buffer.concat(extensions)),
  ]);
  const handshake = Buffer.concat([Buffer.from([1, 0]), withLength(body)]);
  // The record's own version: the oldest, as clients begin that may have to do with anybody.
  return Buffer.concat([
    Buffer.from([22]),
    uint16(Math.min(versions[version], 0x0301)),
    withLength(handshake),
  ]);
}

function extension(type: number, data: Buffer): Buffer {
  return Buffer.concat([uint16(type), withLength(data)]);
}

function withLength(data: Buffer): Buffer {
  return Buffer.concat([uint16(data.length), data]);
}

function uint16(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * numbers.length);
  numbers.forEach((number, at) => {
    bytes.writeUInt16BE(number, 2 * at);
  });
  return bytes;
}
