/** Lists every secret of the system, each with where it comes from; never a value. */

import { canaryPasswordSecret } from '../model/canary.ts';
import { dkimKeys } from '../model/dkim-keys.ts';
import type { DatabaseSettings, Dkim, Domain } from '../model/mail-system.ts';
import { type SecretDefinition, type SecretOrigin, srsKeySecret } from '../model/secret.ts';

/** A secret that mail.yaml says where to find. */
export type ChosenSecret = SecretDefinition & {
  readonly origin: Exclude<SecretOrigin, { readonly kind: 'generated' }>;
};

/** Sorted by name. `chosen` are those that mail.yaml refers to by `{ env: … }` or `{ file: … }`. */
export function secretsOf(
  domains: readonly Pick<Domain, 'dkim' | 'source'>[],
  database: DatabaseSettings,
  chosen: readonly ChosenSecret[],
): readonly SecretDefinition[] {
  const password = (name: string): SecretDefinition => ({
    name,
    origin: { kind: 'generated', form: 'password' },
    source: null,
  });
  const secrets: SecretDefinition[] = [
    password(canaryPasswordSecret),
    password(database.passwordSecret),
    password(database.superuserPasswordSecret),
    { name: srsKeySecret, origin: { kind: 'generated', form: 'key-list' }, source: null },
    ...domains.flatMap(({ dkim, source }) =>
      dkimKeys(dkim).map(
        ({ secret }): SecretDefinition => ({
          name: secret,
          origin: { kind: 'generated', form: 'dkim-rsa-2048' },
          source,
        }),
      ),
    ),
    ...chosen,
  ];
  return secrets.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Name of the secret that is the private key of a domain's selector. */
export function dkimSecret(domain: string, selector: Dkim['selector']): string {
  return `dkim.${domain}.${selector}`;
}

/** Name of the secret that is a database role's password. */
export function roleSecret(role: string): string {
  return `database.${role}.password`;
}
