/** Which secrets belong on which host, and on which host each is made: hosts of one system must agree on them. */
import type { Artifact } from '../model/artifact.ts';
import { canaryPasswordSecret } from '../model/canary.ts';
import type { Host, MailSystem } from '../model/mail-system.ts';
import type { SecretDefinition } from '../model/secret.ts';

/** What was rendered, as far as it matters here. */
export interface Rendered {
  readonly system: MailSystem;
  readonly artifacts: readonly Artifact[];
}

/**
 * Only what the host's own files hold; the host of the database also sets the password of the mail role, and one that
 * takes submissions logs in as the canary, whose password is in Dovecot's files, wherever that runs.
 */
export function hostSecrets({ system, artifacts }: Rendered, host: Host): readonly SecretDefinition[] {
  const names = new Set(
    artifacts
      .filter((artifact) => artifact.host === host.name)
      .flatMap(({ content }) => content.flatMap((part) => (typeof part === 'string' ? [] : [part.secret]))),
  );
  if (host.services.includes('postgres')) names.add(system.database.passwordSecret);
  if (host.ports.submission !== null || host.ports.submissions !== null) names.add(canaryPasswordSecret);
  return system.secrets.filter(({ name }) => names.has(name));
}

/**
 * By name of a generated secret, the hosts that need it; the first of them makes it. That is the host of the
 * database, where it needs the secret at all, else the first by name.
 */
export function secretHosts(rendered: Rendered): ReadonlyMap<string, readonly string[]> {
  const { hosts } = rendered.system;
  const isFirst = (host: Host): number => (host.services.includes('postgres') ? 0 : 1);
  const found = new Map<string, string[]>();
  for (const host of [...hosts].sort((a, b) => isFirst(a) - isFirst(b))) {
    for (const { name, origin } of hostSecrets(rendered, host)) {
      if (origin.kind !== 'generated') continue;
      const holders = found.get(name) ?? [];
      holders.push(host.name);
      found.set(name, holders);
    }
  }
  return found;
}
