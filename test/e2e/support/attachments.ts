// Messages with attachments, and archives to attach.

import { crc32, deflateRawSync } from 'node:zlib';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';

/** EICAR's test file, put together here so that no scanner takes this source for a virus. */
export const eicar = Buffer.from(
  ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE', '!$H+H*'].join(''),
);

/** What SpamAssassin scores with 1000. */
export const gtube = ['XJS*C4JDBQADN1.NSBN3*2IDNEN*', 'GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL', '*C.34X'].join(
  '',
);

export interface Attachment {
  readonly filename: string;
  readonly content: Buffer;
}

/** The message as nodemailer composes it. */
export function composed(subject: string, to: string, attachments: readonly Attachment[]): Promise<string> {
  const composer = new MailComposer({
    from: 'someone@elsewhere.example',
    to,
    subject,
    text: 'See what I have attached.',
    attachments: attachments.map(({ filename, content }) => ({ filename, content })),
  });
  return new Promise((resolve, reject) => {
    composer.compile().build((cause: Error | null, message: Buffer) => {
      if (cause === null) resolve(message.toString('latin1'));
      else reject(cause);
    });
  });
}

/** A ZIP archive (APPNOTE.TXT) of one compressed file. */
export function zip({ filename, content }: Attachment): Buffer {
  const packed = deflateRawSync(content);
  const name = Buffer.from(filename);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(8, 4);
  common.writeUInt32LE(0x21_0000, 6);
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(packed.length, 14);
  common.writeUInt32LE(content.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, packed]);
  const rest = Buffer.alloc(14);
  const entry = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, rest, name]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(entry.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, entry, Buffer.from('PK\x05\x06'), end]);
}
