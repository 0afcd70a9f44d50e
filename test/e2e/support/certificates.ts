// A certificate authority of the test's own, by openssl.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.ts';

export interface Certificate {
  /** Paths. */
  readonly certificate: string;
  readonly key: string;
}

export interface Authority {
  /** PEM, for clients that shall trust it. */
  readonly ca: string;
  /** Makes a certificate for this name in `folder`, which is made if need be. Expired where `days` is negative. */
  readonly issue: (name: string, folder: string, days?: number) => Promise<Certificate>;
}

export async function makeAuthority(folder: string): Promise<Authority> {
  mkdirSync(folder, { recursive: true });
  const key = join(folder, 'ca.key');
  const certificate = join(folder, 'ca.pem');
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await run([
    ...['openssl', 'req', '-x509', ...newKey, '-days', '30', '-subj', '/CN=Test authority'],
    ...['-keyout', key, '-out', certificate],
  ]);
  return {
    ca: readFileSync(certificate, 'utf8'),
    issue: async (name, target, days = 30) => {
      mkdirSync(target, { recursive: true });
      const leaf = { certificate: join(target, 'fullchain.pem'), key: join(target, 'privkey.pem') };
      const made = { certificate: join(target, 'made.pem'), key: join(target, 'made.key') };
      const request = join(target, 'request.pem');
      const extensions = join(target, 'extensions');
      writeFileSync(extensions, `subjectAltName=DNS:${name}\nextendedKeyUsage=serverAuth\n`);
      await run(['openssl', 'req', ...newKey, '-subj', `/CN=${name}`, '-keyout', made.key, '-out', request]);
      await run([
        ...['openssl', 'x509', '-req', '-in', request, '-CA', certificate, '-CAkey', key, '-CAcreateserial'],
        ...['-days', String(days), '-extfile', extensions, '-out', made.certificate],
      ]);
      // Both at once, as certbot does: a server that reads them in between would have no TLS.
      renameSync(made.key, leaf.key);
      renameSync(made.certificate, leaf.certificate);
      return leaf;
    },
  };
}
