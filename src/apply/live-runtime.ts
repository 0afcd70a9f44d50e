/** Containers and units as they run on a host, in the words of a plan, and which of them nobody asked for. Pure. */
import type { Compiled } from '../compile.ts';
import { hasUnitState, runningContainer, runningUnit } from '../diff/running.ts';
import type { Drift, Resource } from '../model/plan.ts';
import { recordedContainers } from './recorded-containers.ts';
import type { LiveContainer, LiveUnit } from './runtime.ts';
import type { HostRecord, Journal } from './targets.ts';

export interface LiveResources {
  readonly resources: readonly Resource[];
  /** By address. */
  readonly drift: ReadonlyMap<string, Drift>;
}

/**
 * A container carries the hash of its definition as a label, so it is compared by what is known of that hash: by
 * mail.yaml of today or by the last record. One of another origin has no more than the hash itself.
 */
export function liveContainers({
  host,
  live,
  record,
  journal,
  compiled,
}: {
  readonly host: string;
  readonly live: readonly LiveContainer[];
  readonly record: HostRecord | null;
  readonly journal: Journal | null;
  readonly compiled: Compiled;
}): LiveResources {
  const desired = recordedContainers(compiled, host);
  const resources: Resource[] = [];
  const drift = new Map<string, Drift>();
  for (const container of live) {
    const { name, definition, running, service, supervisor } = container;
    const known = [desired[name], record?.containers[name]].find((one) => one?.definition === definition);
    const pending = journal?.pending[name] ?? null;
    const attributes = known?.attributes ?? { service, definition: definition ?? 'none' };
    const address = `container/${host}/${name}`;
    resources.push(resourceOf('container', address, { ...attributes, running, pending, supervisor }));
    const applied = record?.containers[name];
    // What an apply that was cut off has left behind is its own doing.
    if (record === null || pending !== null) continue;
    const asApplied = applied !== undefined && (applied.definition === definition || journal !== null);
    const heldBy = applied?.attributes.supervisor ?? supervisor;
    if (!(asApplied && running && heldBy === supervisor)) {
      drift.set(address, driftFrom(applied && { ...applied.attributes, ...runningContainer }));
    }
  }
  const names = new Set(live.map(({ name }) => name));
  for (const [name, applied] of Object.entries(record?.containers ?? {})) {
    if (names.has(name) || journal?.pending[name] !== undefined) continue;
    drift.set(`container/${host}/${name}`, driftFrom({ ...applied.attributes, ...runningContainer }));
  }
  return { resources, drift };
}

/**
 * What counts is the installed copy of a unit, which may be missing or another than the generation's. `files` are the
 * generation's, units and others; the others come back as they are.
 */
export function liveUnits({
  host,
  live,
  files,
  record,
}: {
  readonly host: string;
  readonly live: readonly LiveUnit[];
  readonly files: readonly Resource[];
  readonly record: HostRecord | null;
}): LiveResources {
  const drift = new Map<string, Drift>();
  const installed = new Map(live.map((unit) => [`unit/${host}/${unit.name}`, unit]));
  const resources = files.flatMap((file) => {
    if (file.kind !== 'unit') return [file];
    const unit = installed.get(file.address);
    installed.delete(file.address);
    const state = unit !== undefined && hasUnitState(unit.name) ? stateOf(unit) : {};
    const applied = hasUnitState(file.address)
      ? { ...file.attributes, ...runningUnit(file.address) }
      : file.attributes;
    const text = unit?.text ?? null;
    if (unit === undefined || text === null) {
      if (record !== null) drift.set(file.address, driftFrom(applied));
      return [];
    }
    const attributes = { ...file.attributes, content: { text }, ...state };
    if (record !== null && JSON.stringify(attributes) !== JSON.stringify(applied)) {
      drift.set(file.address, driftFrom(applied));
    }
    return [{ ...file, attributes }];
  });
  // Installed from a generation that is gone.
  const left = [...installed].flatMap(([address, { text }]) =>
    text === null ? [] : [resourceOf('unit', address, { content: { text }, mode: '0644' })],
  );
  return { resources: [...resources, ...left], drift };
}

function stateOf({ name, enabled, active }: LiveUnit): Resource['attributes'] {
  return name.endsWith('.target') ? { enabled, active } : { active };
}

function driftFrom(applied: Resource['attributes'] | undefined): Drift {
  return { by: null, at: null, applied: applied ?? null };
}

function resourceOf(
  kind: 'container' | 'unit',
  address: string,
  attributes: Resource['attributes'],
): Resource {
  return { kind, address, attributes, source: null, effect: null, movedFrom: null };
}
