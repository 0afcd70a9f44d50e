/** The live state, from whatever targets there are; a kind that none of them can see stays unknown. */
import type { Compiled } from '../compile.ts';
import { portResource, rowResources, schemaResources } from '../diff/resources.ts';
import { state } from '../diff/state.ts';
import { type PortName, portNames } from '../model/mail-system.ts';
import type { Drift, Resource, ResourceKind, State } from '../model/plan.ts';
import { liveFiles } from './live-files.ts';
import { liveContainers, liveUnits } from './live-runtime.ts';
import type { LiveContainer, LiveUnit } from './runtime.ts';
import type { DatabaseTarget, HostTarget, LiveDatabase, Targets } from './targets.ts';

export interface Live {
  readonly state: State;
  /** Null without a database target, and where the database is stopped. */
  readonly database: LiveDatabase | null;
}

/** `compiled` is what is to be: a container that runs by the same definition is known by it. */
export async function readLive(targets: Targets, compiled: Compiled): Promise<Live> {
  const kinds: ResourceKind[] = [];
  const resources: Resource[] = [];
  const drift = new Map<string, Drift>();
  const [database, running] = await Promise.all([
    readDatabase(targets.database),
    Promise.all(targets.hosts.map(readRuntime)),
  ]);
  if (database !== null) {
    kinds.push('schema', 'domain', 'user', 'alias');
    resources.push(...rowResources(database.rows), ...schemaResources(database.schemaVersion));
    for (const [address, one] of database.drift) drift.set(address, one);
  }
  if (targets.hosts.length > 0) kinds.push('file', 'unit');
  if (running.some((runtime) => runtime !== null)) kinds.push('container');
  const records = targets.hosts.map((host) => ({ host, record: host.readRecord() }));
  for (const [index, { host, record }] of records.entries()) {
    const files = liveFiles(host.name, host.readFiles(), host.readGoneFiles());
    const runtime = running[index] ?? null;
    for (const [address, one] of files.drift) {
      if (runtime === null || !address.startsWith('unit/')) drift.set(address, one);
    }
    if (runtime === null) {
      resources.push(...files.resources);
      continue;
    }
    const journal = host.readJournal();
    const containers = liveContainers({
      host: host.name,
      live: runtime.containers,
      record,
      journal,
      compiled,
    });
    const applied = [...files.resources.filter(({ kind }) => kind !== 'unit'), ...files.appliedUnits];
    const units = liveUnits({ host: host.name, live: runtime.units, files: applied, record });
    resources.push(...units.resources, ...containers.resources);
    for (const [address, one] of [...units.drift, ...containers.drift]) drift.set(address, one);
  }
  // Before the first apply of every host there is nothing to compare ports with: they are all new.
  if (records.length > 0 && records.every(({ record }) => record !== null)) {
    kinds.push('port');
    for (const { host, record } of records) resources.push(...livePorts(host, record?.ports ?? {}));
  }
  return { state: state(resources, kinds, drift), database };
}

/** One that is not there yet has no rows; of one that is stopped nobody knows. */
async function readDatabase(target: DatabaseTarget | null): Promise<LiveDatabase | null> {
  if (target === null) return null;
  const presence = await target.presence();
  if (presence === 'running') return target.read();
  const rows = { domains: [], users: [], aliases: [] };
  return presence === 'absent' ? { rows, schemaVersion: 0, drift: new Map() } : null;
}

async function readRuntime({ runtime }: HostTarget): Promise<{
  readonly containers: readonly LiveContainer[];
  readonly units: readonly LiveUnit[];
} | null> {
  if (runtime === null) return null;
  const [containers, units] = await Promise.all([runtime.readContainers(), runtime.readUnits()]);
  return { containers, units };
}

function livePorts(
  host: HostTarget,
  published: Readonly<Record<string, number | null>>,
): readonly Resource[] {
  return portNames.flatMap((name: PortName) => {
    const port = published[name] ?? null;
    return port === null ? [] : [portResource(host.name, name, port, null)];
  });
}
