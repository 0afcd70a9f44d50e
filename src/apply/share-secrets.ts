/** Makes the generated secrets that are missing, the same on every host: what one has, the others get. */
import type { Compiled } from '../compile.ts';
import type { HostTarget } from './targets.ts';

/** All values by name, by host. Where two hosts differ, the first one's counts, since all must agree. */
export function shareSecrets(
  compiled: Compiled,
  hosts: readonly HostTarget[],
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const names = new Set(
    compiled.system.secrets.flatMap(({ name, origin }) => (origin.kind === 'generated' ? [name] : [])),
  );
  const known = hosts.map((host) => host.readSecrets()).reverse();
  const rotating = new Set(hosts.flatMap((host) => [...host.rotating()]));
  const shared = new Map(
    known.flatMap((secrets) => [...secrets].filter(([name]) => names.has(name) && !rotating.has(name))),
  );
  return new Map(
    hosts.map((host) => {
      const secrets = host.keepSecrets(shared);
      for (const name of names) {
        const value = secrets.get(name);
        if (value !== undefined) shared.set(name, value);
      }
      return [host.name, secrets];
    }),
  );
}
