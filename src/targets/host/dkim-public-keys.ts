/** The public halves of the DKIM keys that a host has, for DNS. */
import { createPublicKey } from 'node:crypto';
import type { HostTarget } from '../../apply/targets.ts';
import { dkimKeys } from '../../model/dkim-keys.ts';
import type { MailSystem } from '../../model/mail-system.ts';

/** The `p=` value (RFC 6376 section 3.6.1) by name of the secret, for each key that some host has. */
export function dkimPublicKeys(
  system: MailSystem,
  hosts: readonly Pick<HostTarget, 'readSecrets'>[],
): ReadonlyMap<string, string> {
  const secrets = new Map(hosts.flatMap((host) => [...host.readSecrets()]));
  const keys = new Map<string, string>();
  for (const { secret } of system.domains.flatMap(({ dkim }) => dkimKeys(dkim))) {
    const publicKey = publicKeyOf(secrets.get(secret));
    if (publicKey !== null) keys.set(secret, publicKey);
  }
  return keys;
}

/** Null for a key that is not there, or whose file somebody has spoilt. */
function publicKeyOf(privateKey: string | undefined): string | null {
  if (privateKey === undefined) return null;
  try {
    return createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64');
  } catch {
    return null;
  }
}
