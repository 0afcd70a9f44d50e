/** Which folders of a host get a new generation. */
import type { Artifact } from '../model/artifact.ts';
import type { Change } from '../model/plan.ts';

/** The units in which the plan changes a file, each with all its artifacts, since a generation is whole. */
export function changedUnits(
  changes: readonly Change[],
  artifacts: readonly Artifact[],
  host: string,
): ReadonlyMap<string, readonly Artifact[]> {
  const units = new Map<string, Artifact[]>();
  for (const { address, kind } of changes) {
    if (kind === 'unit' && address.startsWith(`unit/${host}/`)) units.set('systemd', []);
    if (kind === 'file' && address.startsWith(`file/${host}/`)) {
      units.set(address.slice(`file/${host}/`.length).split('/', 1)[0] ?? '', []);
    }
  }
  for (const artifact of artifacts) {
    if (artifact.host === host && artifact.unit !== null) units.get(artifact.unit)?.push(artifact);
  }
  return units;
}
