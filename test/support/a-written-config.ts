/** Makes a written configuration without a file; a position names the path of its value instead of a line. */
import type { MailYaml } from '../../src/model/mail-yaml.generated.ts';
import type { Path, Position } from '../../src/model/position.ts';
import type { WrittenConfig } from '../../src/model/written-config.ts';
import { aHash } from './a-mail-system.ts';

/** A user with nothing but a password. */
export const aWrittenUser = { password: aHash } as const;

/**
 * Left out, there are one host, one domain and one user, and bob@example.com is postmaster; written as
 * undefined, they are not.
 */
export function aWrittenConfig(
  differences: { readonly [K in keyof MailYaml]?: MailYaml[K] | undefined } = {},
): WrittenConfig {
  const config = {
    version: 1,
    hosts: { 'mail.example.com': { addresses: ['203.0.113.10'], tls: { letsencrypt: 'example.com' } } },
    domains: { 'example.com': {} },
    users: { 'bob@example.com': aWrittenUser },
    postmaster: 'bob@example.com',
    ...differences,
  };
  return { config: config as MailYaml, positionOf };
}

/** `users/bob@example.com/quota`, with `(key)` behind it for the place of the key. */
export function positionOf(path: Path, part: 'key' | 'value' = 'value'): Position {
  const file = path.length === 0 ? 'mail.yaml' : `${path.join('/')}${part === 'key' ? ' (key)' : ''}`;
  return { file, line: 1, column: 1, endColumn: 2 };
}
