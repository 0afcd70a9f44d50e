/** From flags to the database and the hosts that plan and apply look at. */
import { join, resolve } from 'node:path';
import type { DatabaseTarget, HostTarget, Targets } from '../apply/targets.ts';
import type { Compiled } from '../compile.ts';
import { error } from '../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../diagnostics/diagnostic-error.ts';
import { quote } from '../diagnostics/quote.ts';
import { suggest } from '../diagnostics/suggest.ts';
import type { Host } from '../model/mail-system.ts';
import type { SecretDefinition } from '../model/secret.ts';
import { openHostTarget } from '../targets/host/host-target.ts';
import type { Io } from './io.ts';

export interface TargetOptions {
  readonly database?: string;
  readonly root?: string;
  readonly host?: string;
}

export interface OpenTargets extends Targets {
  readonly database: (DatabaseTarget & { readonly close: () => Promise<void> }) | null;
}

export async function openTargets(io: Io, options: TargetOptions, compiled: Compiled): Promise<OpenTargets> {
  const hosts = openHosts(io, options, compiled);
  if (options.database === undefined) return { database: null, hosts };
  const { openDatabaseTarget } = await import('../targets/database/database-target.ts');
  const database = await openDatabaseTarget(options.database, { workingFolder: io.workingFolder });
  return { database, hosts };
}

export async function closeTargets(targets: OpenTargets): Promise<void> {
  await targets.database?.close();
}

/**
 * `--root` is the root folder of the one host that is meant. Without `--host` on a system of several hosts it
 * holds a folder for each, named like the host: a whole system to try out.
 */
function openHosts(io: Io, options: TargetOptions, compiled: Compiled): readonly HostTarget[] {
  const { root, host: only } = options;
  const { hosts } = compiled.system;
  if (only !== undefined && !hosts.some((host) => host.name === only)) {
    const names = hosts.map((host) => host.name);
    const near = suggest(only, names);
    const hint = near === null ? `mail.yaml has ${names.join(', ')}` : `did you mean ${near}?`;
    throw new DiagnosticError(error('host-unknown', null, `mail.yaml has no host ${quote(only)}`, { hint }));
  }
  if (root === undefined) return [];
  const chosen = hosts.filter((host) => only === undefined || host.name === only);
  return chosen.map((host) =>
    openHostTarget({
      host: host.name,
      root: resolve(io.workingFolder, chosen.length === 1 ? root : join(root, host.name)),
      data: host.data,
      secrets: secretsOf(compiled, host),
      environment: io.environment,
    }),
  );
}

/** Only what the host's own files hold; the host of the database also sets the password of the mail role. */
function secretsOf(compiled: Compiled, host: Host): readonly SecretDefinition[] {
  const { database, secrets } = compiled.system;
  const names = new Set(
    compiled.artifacts
      .filter((artifact) => artifact.host === host.name)
      .flatMap(({ content }) => content.flatMap((part) => (typeof part === 'string' ? [] : [part.secret]))),
  );
  if (host.services.includes('postgres')) names.add(database.passwordSecret);
  return secrets.filter(({ name }) => names.has(name));
}
