/** The certificate of a host: paths of files, from either of the two ways to name them. */

import { quote } from '../diagnostics/quote.ts';
import type { Tls } from '../model/mail-system.ts';
import type { WrittenHost } from '../model/mail-yaml.generated.ts';
import type { Path } from '../model/position.ts';
import { readFilePath } from './absolute-path.ts';
import { parseDomainName } from './domain-name.ts';
import type { Scope } from './scope.ts';

/** Null where none is named, or where that was reported. */
export function tlsOf(written: WrittenHost, hostPath: Path, scope: Scope): Tls | null {
  const { tls } = written;
  if (tls === undefined) return null;
  const path = [...hostPath, 'tls'];
  const { letsencrypt, certificate, key } = tls;
  if (letsencrypt !== undefined && (certificate ?? key) !== undefined) {
    scope.error('tls-two-forms', scope.at(path), "tls names a Let's Encrypt certificate and files as well", {
      hint: 'keep "letsencrypt", or "certificate" and "key"',
    });
    return null;
  }
  if (letsencrypt !== undefined) {
    const { value: name, problem } = parseDomainName(letsencrypt);
    if (problem === null) {
      const folder = `/etc/letsencrypt/live/${name}`;
      return { certificate: `${folder}/fullchain.pem`, key: `${folder}/privkey.pem` };
    }
    scope.error(
      'domain-malformed',
      scope.at([...path, 'letsencrypt']),
      `certificate name ${quote(letsencrypt)} is malformed: ${problem}`,
    );
    return null;
  }
  if (certificate === undefined || key === undefined) {
    const missing = certificate === undefined ? (key === undefined ? null : 'certificate') : 'key';
    const message = missing === null ? 'tls names no certificate' : `tls lacks "${missing}"`;
    scope.error('tls-incomplete', scope.at(path), message, {
      hint: 'write "letsencrypt: NAME", or "certificate: /PATH" and "key: /PATH"',
    });
    return null;
  }
  const files = {
    certificate: readFilePath(certificate, [...path, 'certificate'], scope),
    key: readFilePath(key, [...path, 'key'], scope),
  };
  return files.certificate === null || files.key === null ? null : (files as Tls);
}
