/** The public halves of the DKIM keys that a host has, for DNS. */
import { createPublicKey } from 'node:crypto';
import type { HostTarget } from '../../apply/targets.ts';
import type { MailSystem } from '../../model/mail-system.ts';

/** The `p=` value (RFC 6376 section 3.6.1) by domain, for each whose private key some host has. */
export function dkimPublicKeys(
  system: MailSystem,
  hosts: readonly HostTarget[],
): ReadonlyMap<string, string> {
  const secrets = new Map(hosts.flatMap((host) => [...host.readSecrets()]));
  const keys = new Map<string, string>();
  for (const { name, dkim } of system.domains) {
    const privateKey = dkim === null ? undefined : secrets.get(dkim.secret);
    if (privateKey === undefined) continue;
    const der = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
    keys.set(name, der.toString('base64'));
  }
  return keys;
}
