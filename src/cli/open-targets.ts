/** From flags to the database and the hosts that plan and apply look at. */
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { DatabaseTarget, HostTarget, Targets } from '../apply/targets.ts';
import type { Compiled } from '../compile.ts';
import { error } from '../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../diagnostics/diagnostic-error.ts';
import { quote } from '../diagnostics/quote.ts';
import { suggest } from '../diagnostics/suggest.ts';
import type { Host } from '../model/mail-system.ts';
import { hostSecrets } from '../render/host-secrets.ts';
import { openHostTarget } from '../targets/host/host-target.ts';
import type { Io } from './io.ts';

export interface TargetOptions {
  readonly database?: string;
  readonly root?: string;
  readonly host?: string;
  /** Names of generated secrets that get another value. */
  readonly rotate?: ReadonlySet<string>;
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
  let inContainer: OpenTargets['database'] = null;
  const close = async (): Promise<void> => {
    await inContainer?.close();
    await (await opened)?.close();
  };
  try {
    const compiled = await compile();
    if (compiled !== null) {
      const hosts = await openHosts(io, options, compiled);
      const database = await opening;
      if (database === null) inContainer = await openOwnDatabase(io, hosts, compiled);
      const targets = { database: database ?? inContainer, hosts };
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

/** The one in a container of this machine, where it is a live host that has it. */
async function openOwnDatabase(
  io: Io,
  hosts: readonly HostTarget[],
  { system, containers }: Compiled,
): Promise<OpenTargets['database']> {
  const container = containers.find(({ service }) => service === 'postgres');
  const host = system.hosts.find(({ name }) => name === container?.host);
  const target = hosts.find(({ name, runtime }) => runtime !== null && name === host?.name);
  if (target === undefined || host === undefined || container === undefined) return null;
  const { openContainerDatabase } = await import('../targets/database/container-connection.ts');
  const { name, superuserPasswordSecret } = system.database;
  return openContainerDatabase({
    host,
    root: '/',
    container,
    database: name,
    password: () => target.readSecrets().get(superuserPasswordSecret) ?? null,
    environment: io.environment,
  });
}

/** Without a database: for what only reads hosts. */
export async function openHostTargets(io: Io, options: TargetOptions, compiled: Compiled): Promise<Targets> {
  return { database: null, hosts: await openHosts(io, options, compiled) };
}

/**
 * `--root` is the root folder of the one host that is meant: with `/`, of this machine, whose containers and units
 * are then seen and acted upon. Otherwise, without `--host` on a system of several hosts, it holds a folder for each,
 * named like the host: a whole system to try out.
 */
async function openHosts(io: Io, options: TargetOptions, compiled: Compiled): Promise<readonly HostTarget[]> {
  const { root } = options;
  const isLive = root !== undefined && resolve(io.workingFolder, root) === '/';
  const chosen = chooseHosts(options, compiled.system.hosts, isLive ? hostname() : null);
  if (root === undefined) return [];
  return Promise.all(
    chosen.map(async (host) => {
      const folder = resolve(io.workingFolder, chosen.length === 1 ? root : join(root, host.name));
      const secrets = hostSecrets(compiled, host);
      const { environment } = io;
      const rotate = options.rotate ?? new Set();
      const target = { host: host.name, root: folder, data: host.data, secrets, environment, rotate };
      if (!isLive) return openHostTarget(target);
      const { openLiveHost } = await import('./open-live-host.ts');
      return openLiveHost(io, target, host, compiled);
    }),
  );
}

/** `machine` is the name of this one where it is the live host, else null. */
function chooseHosts(
  { host: only }: TargetOptions,
  hosts: readonly Host[],
  machine: string | null,
): readonly Host[] {
  const names = hosts.map((host) => host.name);
  if (only !== undefined) {
    const chosen = hosts.filter((host) => host.name === only);
    if (chosen.length > 0) return chosen;
    const near = suggest(only, names);
    const hint = near === null ? `mail.yaml has ${names.join(', ')}` : `did you mean ${near}?`;
    throw new DiagnosticError(error('host-unknown', null, `mail.yaml has no host ${quote(only)}`, { hint }));
  }
  if (machine === null || hosts.length === 1) return hosts;
  const own = hosts.filter(({ name }) => name === machine);
  if (own.length > 0) return own;
  throw new DiagnosticError(
    error('host-unknown', null, `mail.yaml has no host ${quote(machine)}, as this machine calls itself`, {
      hint: `say which one it is: ${names.map((name) => `--host ${name}`).join(' or ')}`,
    }),
  );
}
