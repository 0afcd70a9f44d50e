/** Builds a state, and the state that a compiled mail system asks for. */
import { schemaVersion } from '../../renderers/postgres/migrations.ts';
import type { Compiled } from '../compile.ts';
import type { Artifact } from '../model/artifact.ts';
import type { MailSystem } from '../model/mail-system.ts';
import { portNames } from '../model/mail-system.ts';
import type { Drift, Resource, ResourceKind, State } from '../model/plan.ts';
import { resourceKinds } from '../model/plan.ts';
import { rowsOf } from '../render/rows.ts';
import { printContent } from '../render/secret-marker.ts';
import { sameAttributes } from './attributes.ts';
import {
  containerResource,
  fileResource,
  portResource,
  rowResources,
  schemaResources,
  zoneResource,
} from './resources.ts';
import { asRunning } from './running.ts';

/**
 * `kinds` are those that this side can see, even where it has none of them. Of `drift`, what was changed and
 * changed back is left out.
 */
export function state(
  resources: Iterable<Resource>,
  kinds: Iterable<ResourceKind>,
  drift: Iterable<readonly [address: string, drift: Drift]> = [],
): State {
  const byAddress = new Map(Array.from(resources, (resource) => [resource.address, resource]));
  const differs = ([address, { applied }]: readonly [string, Drift]): boolean =>
    !sameAttributes(applied, byAddress.get(address)?.attributes ?? null);
  return { resources: byAddress, kinds: new Set(kinds), drift: new Map([...drift].filter(differs)) };
}

export interface DesiredOptions {
  /** Only what belongs to these hosts, and what belongs to none; null for all of them. */
  readonly hosts: ReadonlySet<string> | null;
  /** Those whose containers and units the other side sees as they run. */
  readonly running?: ReadonlySet<string>;
}

/**
 * Everything that the mail system asks for, of every kind. Files of no host are not among them: schema.sql
 * and sync.sql are a way to the rows, and the manifest repeats the other files.
 */
export function desiredState(compiled: Compiled, options: DesiredOptions = { hosts: null }): State {
  const wanted = (host: string): boolean => options.hosts === null || options.hosts.has(host);
  const { system, artifacts, containers } = compiled;
  const domainSources = new Map(system.domains.map((domain) => [domain.name, domain.source]));
  const zone = (artifact: Artifact): readonly Resource[] => {
    const domain = /^dns\/(.+)\.zone$/.exec(artifact.path)?.[1];
    if (domain === undefined) return [];
    const source = artifact.source ?? domainSources.get(domain) ?? null;
    return [zoneResource(domain, printContent(artifact.content), source)];
  };
  return state(
    [
      ...schemaResources(schemaVersion),
      ...rowResources(rowsOf(system)),
      ...artifacts.flatMap((artifact) =>
        artifact.host === null
          ? zone(artifact)
          : hostFile(artifact, wanted).map(running(system, artifact.host, options)),
      ),
      ...system.hosts
        .filter((host) => wanted(host.name))
        .flatMap((host) =>
          portNames.flatMap((name) => {
            const port = host.ports[name];
            return port === null ? [] : [portResource(host.name, name, port, host.source)];
          }),
        ),
      ...containers
        .filter((container) => wanted(container.host))
        .map((container) => running(system, container.host, options)(containerResource(container))),
    ],
    resourceKinds,
  );
}

function running(
  { hosts }: MailSystem,
  name: string,
  options: DesiredOptions,
): (resource: Resource) => Resource {
  const host = hosts.find((one) => one.name === name);
  if (host === undefined || !options.running?.has(name)) return (resource) => resource;
  return (resource) => asRunning(resource, host.supervisor);
}

function hostFile(artifact: Artifact, wanted: (host: string) => boolean): readonly Resource[] {
  const { host, path, mode, content, effect, source } = artifact;
  if (host === null || !wanted(host)) return [];
  const below = path.startsWith(`${host}/`) ? path.slice(host.length + 1) : path;
  return [fileResource({ host, path: below, mode, text: printContent(content), effect, source })];
}
