/** The files of a host in the words of a plan, and which of them somebody has changed by hand. Pure. */
import { fileResource } from '../diff/resources.ts';
import type { Drift, Resource } from '../model/plan.ts';
import type { GoneFile, LiveFile, OutsideFileChange } from './targets.ts';

export interface LiveFileResources {
  readonly resources: readonly Resource[];
  /** Units as the last apply left them: where systemd runs, what counts is its own copy of each. */
  readonly appliedUnits: readonly Resource[];
  /** By address; that of files which are gone among it. */
  readonly drift: ReadonlyMap<string, Drift>;
}

export function liveFiles(
  host: string,
  files: readonly LiveFile[],
  gone: readonly GoneFile[],
): LiveFileResources {
  const drift = new Map<string, Drift>();
  const appliedUnits: Resource[] = [];
  const resources = files.map(({ path, mode, text, sha256, outside }) => {
    const resource = hostFile(host, path, mode, text, sha256);
    if (outside !== null) drift.set(resource.address, driftOf(host, path, outside));
    if (resource.kind === 'unit')
      appliedUnits.push(...(outside === null ? [resource] : asApplied(host, path, outside)));
    return resource;
  });
  for (const { path, outside } of gone) {
    for (const resource of asApplied(host, path, outside)) {
      drift.set(resource.address, driftOf(host, path, outside));
      if (resource.kind === 'unit') appliedUnits.push(resource);
    }
  }
  return { resources, appliedUnits, drift };
}

function driftOf(host: string, path: string, outside: OutsideFileChange): Drift {
  const { by, at } = outside;
  return { by, at, applied: asApplied(host, path, outside)[0]?.attributes ?? null };
}

function asApplied(host: string, path: string, { applied }: OutsideFileChange): readonly Resource[] {
  return applied === null ? [] : [hostFile(host, path, applied.mode, applied.text, applied.sha256)];
}

/** A text that is not known, or must not be shown, is compared by its hash. */
function hostFile(host: string, path: string, mode: number, text: string | null, sha256: string): Resource {
  const below = path.slice(host.length + 1);
  const resource = fileResource({ host, path: below, mode, text: text ?? '', effect: null, source: null });
  if (text !== null) return resource;
  return { ...resource, attributes: { ...resource.attributes, content: { redacted: sha256 } } };
}
