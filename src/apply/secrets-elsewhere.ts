/** Keeps a host from making a secret of its own that another host makes for both. */
import type { Compiled } from '../compile.ts';
import { type Diagnostic, error } from '../diagnostics/diagnostic.ts';
import { secretHosts } from '../render/host-secrets.ts';
import type { HostTarget } from './targets.ts';

/** One for each host that lacks, or is to change, what a host out of reach of this apply makes. */
export function secretsElsewhere(compiled: Compiled, hosts: readonly HostTarget[]): readonly Diagnostic[] {
  if (compiled.system.hosts.length === 1) return [];
  const reached = new Set(hosts.map(({ name }) => name));
  const there = new Set(hosts.flatMap((host) => [...host.readSecrets().keys()]));
  const rotating = new Set(hosts.flatMap((host) => [...host.rotating()]));
  const lacking = new Map<string, { host: string; maker: string; secrets: string[] }>();
  for (const [secret, [maker = '', ...others]] of secretHosts(compiled)) {
    if (reached.has(maker) || (there.has(secret) && !rotating.has(secret))) continue;
    for (const host of others.filter((name) => reached.has(name))) {
      const key = `${host} ${maker}`;
      const found = lacking.get(key) ?? { host, maker, secrets: [] };
      found.secrets.push(secret);
      lacking.set(key, found);
    }
  }
  return [...lacking.values()].map(({ host, maker, secrets }) =>
    error(
      'secret-elsewhere',
      null,
      `${host} shares secrets with ${maker}, which makes them: ${secrets.sort().join(', ')}`,
      { hint: `apply on ${maker} first, then bring them: ${bringing(maker, host)}` },
    ),
  );
}

/** The command that does it, as it is run on `from`. */
function bringing(from: string, to: string): string {
  return (
    `mailc secrets export --root / --host ${from} --for ${to} | ` +
    `ssh ${to} mailc secrets import --root / --host ${to}`
  );
}
