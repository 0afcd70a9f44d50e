/** The live state, from whatever targets there are; a kind that none of them can see stays unknown. */
import { fileResource, portResource, rowResources, schemaResources } from '../diff/resources.ts';
import { state } from '../diff/state.ts';
import { type PortName, portNames } from '../model/mail-system.ts';
import type { Resource, ResourceKind, State } from '../model/plan.ts';
import type { HostTarget, LiveDatabase, LiveFile, Targets } from './targets.ts';

export interface Live {
  readonly state: State;
  /** Null without a database target. */
  readonly database: LiveDatabase | null;
}

export async function readLive(targets: Targets): Promise<Live> {
  const kinds: ResourceKind[] = [];
  const resources: Resource[] = [];
  const database = targets.database === null ? null : await targets.database.read();
  if (database !== null) {
    kinds.push('schema', 'domain', 'user', 'alias');
    resources.push(...rowResources(database.rows), ...schemaResources(database.schemaVersion));
  }
  if (targets.hosts.length > 0) kinds.push('file', 'unit');
  for (const host of targets.hosts)
    resources.push(...host.readFiles().map((file) => liveFileResource(host, file)));
  // Before the first apply of every host there is nothing to compare ports with: they are all new.
  const ports = targets.hosts.map((host) => ({ host: host.name, published: host.readPorts() }));
  if (ports.length > 0 && ports.every(({ published }) => published !== null)) {
    kinds.push('port');
    for (const { host, published } of ports) resources.push(...livePorts(host, published ?? {}));
  }
  return { state: state(resources, kinds), database };
}

function liveFileResource(host: HostTarget, file: LiveFile): Resource {
  const path = file.path.slice(host.name.length + 1);
  const resource = fileResource({
    host: host.name,
    path,
    mode: file.mode,
    text: file.text ?? '',
    effect: null,
    source: null,
  });
  if (file.text !== null) return resource;
  return { ...resource, attributes: { ...resource.attributes, content: { redacted: file.sha256 } } };
}

function livePorts(host: string, published: Readonly<Record<string, number | null>>): readonly Resource[] {
  return portNames.flatMap((name: PortName) => {
    const port = published[name] ?? null;
    return port === null ? [] : [portResource(host, name, port, null)];
  });
}
