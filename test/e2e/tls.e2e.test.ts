// TLS as clients meet it, on every port: what it speaks, and what it refuses. That it would notice a server that
// refuses nothing is shown with one.

import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerToHello, type HelloVersion } from './support/client-hello.ts';
import { tlsOf } from './support/clients.ts';
import type { Expected } from './support/log-lines.ts';
import { blockList } from './support/organisation.ts';
import { describeWorld, type World } from './support/shared.ts';
import { connectTo, listedClient, speakTls, take, tlsPorts } from './support/tls-ports.ts';

/** That a server can choose whatever its certificate is: with its ECDSA key, or with none. */
const weak = {
  'without encryption': [0xc006, 0xc010, 0xc015, 0x0001, 0x0002, 0x003b],
  'without a certificate': [0xc018, 0xc019, 0x0034, 0x003a, 0x006c, 0x006d, 0x00a6, 0x00a7],
  'with a key agreed on before': [0x008c, 0x008d, 0x00a8, 0x00a9, 0xc035, 0xc036, 0xccab, 0xccac],
  'with a password (SRP)': [0xc01d, 0xc01e, 0xc01f, 0xc020, 0xc021, 0xc022],
  'with RC4': [0xc007, 0xc011, 0xc016, 0x0004, 0x0005, 0x0018],
  'with DES or 3DES': [0xc008, 0xc012, 0xc017, 0x000a, 0x0016, 0x001b, 0x0009, 0x0015, 0x001a],
  'for export': [0x0017, 0x0019, 0x0003, 0x0006, 0x0008, 0x0014, 0x0062, 0x0064],
} as const;
const allWeak = Object.values(weak).flat();
/** ECDHE-ECDSA-AES128-GCM-SHA256; and as TLS 1.1 and older had it: ECDHE-ECDSA-AES128-SHA. */
const good = { new: 0xc02b, old: 0xc009 };
const oldVersions: readonly { readonly version: HelloVersion; readonly alert: string }[] = [
  // Which has no alert about versions.
  { version: 'SSLv3', alert: 'handshake_failure' },
  { version: 'TLSv1', alert: 'protocol_version' },
  { version: 'TLSv1.1', alert: 'protocol_version' },
];

const caused: readonly Expected[] = [
  {
    service: 'postfix',
    line: /warning: TLS library problem: .*(unsupported protocol|version too low|no shared cipher)/,
    reason: 'versions and ciphers that are refused',
  },
  {
    service: 'postfix',
    line: /warning: TLS library problem: .*alert handshake failure/,
    reason: 'a client that wished to begin anew, and says why it leaves',
  },
];

describeWorld(
  'TLS',
  (start) => {
    let world: World;
    beforeAll(async () => {
      world = await start();
      const listed = await world.outsideAddress(listedClient);
      world.dns.add({ [`${listed.split('.').reverse().join('.')}.${blockList}`]: { A: ['127.0.0.2'] } });
    });

    describe.concurrent.each(tlsPorts)('on port $name', (port) => {
      it.each(['TLSv1.2', 'TLSv1.3'] as const)(
        'speaks %s, with the certificate of the host',
        async (version) => {
          const secure = await speakTls(await connectTo(world, port), {
            ...tlsOf(world),
            minVersion: version,
            maxVersion: version,
          });
          expect(secure.authorized).toBe(true);
          expect(secure.getProtocol()).toBe(version);
          for (const step of port.within) await take(secure, step);
          secure.destroy();
        },
      );

      it('has a certificate of no other name', async () => {
        const stranger = { ...tlsOf(world), servername: 'mail.elsewhere.example' };
        await expect(speakTls(await connectTo(world, port), stranger)).rejects.toThrow(/altnames/);
      });

      it.each(oldVersions)('refuses $version', async ({ version, alert }) => {
        const hello = { version, ciphers: [good.old] };
        expect(await answerToHello(await connectTo(world, port), hello)).toEqual({ alert });
        // It is the version and nothing else.
        const answer = await answerToHello(await connectTo(world, port), { ...hello, version: 'TLSv1.2' });
        expect(answer).toMatchObject({ version: 'TLSv1.2', cipher: good.old });
      });

      it('refuses weak ciphers', async () => {
        const hello = { version: 'TLSv1.2', ciphers: allWeak } as const;
        expect(await answerToHello(await connectTo(world, port), hello)).toEqual({
          alert: 'handshake_failure',
        });
        // They are all that it refuses, and it knows better than a client that would rather have them.
        const ciphers = [...allWeak, good.new];
        const answer = await answerToHello(await connectTo(world, port), { ...hello, ciphers });
        expect(answer).toMatchObject({ cipher: good.new });
      });

      it('does not compress', async () => {
        const hello = { version: 'TLSv1.2', ciphers: [good.new], deflate: true } as const;
        expect(await answerToHello(await connectTo(world, port), hello)).toMatchObject({ deflate: false });
      });

      it('does not begin anew because a client wishes so', async () => {
        const secure = await speakTls(await connectTo(world, port), {
          ...tlsOf(world),
          maxVersion: 'TLSv1.2',
        });
        await expect(renegotiate(secure)).rejects.toMatchObject({ code: 'ERR_SSL_NO_RENEGOTIATION' });
      });
    });

    describe.concurrent('of a server that refuses nothing', () => {
      let server: Server;
      beforeAll(async () => {
        const files = await world.authority.issue('lenient.example', join(world.data, '../lenient'));
        server = createServer({
          key: readFileSync(files.key),
          cert: readFileSync(files.certificate),
          minVersion: 'TLSv1',
          maxVersion: 'TLSv1.2',
          ciphers: 'ALL:eNULL:aNULL:PSK:@SECLEVEL=0',
          pskCallback: () => Buffer.alloc(16),
          pskIdentityHint: '',
        });
        server.on('tlsClientError', () => {});
        server.listen(0, '127.0.0.1');
      });
      afterAll(() => {
        server?.close();
      });
      const connectToIt = (): Socket => connect((server.address() as AddressInfo).port, '127.0.0.1');

      it.each(['TLSv1', 'TLSv1.1'] as const)('takes %s', async (version) => {
        const answer = await answerToHello(connectToIt(), { version, ciphers: [good.old] });
        expect(answer).toMatchObject({ version, cipher: good.old });
      });

      it.each(['without encryption', 'without a certificate', 'with a key agreed on before'] as const)(
        'takes ciphers %s',
        async (kind) => {
          const answer = await answerToHello(connectToIt(), { version: 'TLSv1.2', ciphers: weak[kind] });
          expect(weak[kind]).toContain('cipher' in answer ? answer.cipher : answer.alert);
        },
      );

      it('begins anew because a client wishes so', async () => {
        const secure = await speakTls(connectToIt(), {
          ca: world.authority.ca,
          servername: 'lenient.example',
          maxVersion: 'TLSv1.2',
        });
        await renegotiate(secure);
        secure.destroy();
      });
    });
  },
  caused,
);

function renegotiate(secure: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    secure.on('error', reject);
    secure.renegotiate({}, (error) => (error === null ? resolve() : reject(error)));
  });
}
