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

/**
 * Opens what the flags name while `compiling` goes on: a server takes its time to answer. Where that gives null,
 * so does this, and nothing stays open. `close` what it gives.
 */
export async function compileAndOpen<C extends Compiled>(
  io: Io,
  options: TargetOptions,
  compile: () => Promise<C | null>,
): Promise<{
  readonly compiled: C;
  readonly targets: OpenTargets;
  readonly close: () => Promise<void>;
} | null> {
  const opening = openDatabase(io, options);
  const opened = opening.then(
    (database) => database,
    () => null,
  );
  const close = async (): Promise<void> => (await opened)?.close();
  try {
    const compiled = await compile();
    if (compiled !== null) {
      const targets = { database: await opening, hosts: openHosts(io, options, compiled) };
      return { compiled, targets, close };
    }
  } catch (cause) {
    await close();
    throw cause;
  }
  await close();
  return null;
}

async function openDatabase(io: Io, { database }: TargetOptions): Promise<OpenTargets['database']> {
  if (database === undefined) return null;
  const { openDatabaseTarget } = await import('../targets/database/database-target.ts');
  return openDatabaseTarget(database, { workingFolder: io.workingFolder });
}

/** Without a database: for what only reads hosts. */
export function openHostTargets(io: Io, options: TargetOptions, compiled: Compiled): Targets {
  return { database: null, hosts: openHosts(io, options, compiled) };
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
