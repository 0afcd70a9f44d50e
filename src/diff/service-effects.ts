/** What the running services feel of a plan: which of them start, stop, restart or reload, and why. */
import type { Effect } from '../model/artifact.ts';
import type { Change } from '../model/plan.ts';
import { attributeChanges } from './attributes.ts';
import { hostOf } from './hazards.ts';

export interface ServiceEffect {
  readonly host: string;
  /** A service, or `systemd` where units change. */
  readonly service: string;
  readonly action: 'start' | 'stop' | 'restart' | 'reload';
  /** Addresses of the changes that cause it, in the plan's order. */
  readonly because: readonly string[];
}

/**
 * Sorted by host, then service; a service that nothing happens to is not listed. One of the runtime's files
 * alone (a run script, a unit) touches no service: what is in it is a change of the container as well.
 */
export function serviceEffects(changes: readonly Change[]): readonly ServiceEffect[] {
  const groups = new Map<string, { host: string; service: string; changes: Change[] }>();
  for (const change of changes) {
    const service = serviceOf(change);
    if (service === null) continue;
    const key = `${hostOf(change)}/${service}`;
    const group = groups.get(key) ?? { host: hostOf(change), service, changes: [] };
    group.changes.push(change);
    groups.set(key, group);
  }
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, group]) => {
      const found = strongest(group.changes);
      return found === null ? [] : [{ host: group.host, service: group.service, ...found }];
    });
}

const runtimeUnits: ReadonlySet<string> = new Set(['docker', 'systemd']);

/** The service that a change belongs to; null where there is none to restart. */
export function serviceOf(change: Change): string | null {
  const side = change.after ?? change.before;
  if (change.kind === 'container') return String(side?.attributes.service ?? '');
  if (change.kind === 'unit') return 'systemd';
  if (change.kind !== 'file') return null;
  const unit = change.address.split('/', 3)[2] ?? '';
  return runtimeUnits.has(unit) ? null : unit;
}

function strongest(changes: readonly Change[]): Pick<ServiceEffect, 'action' | 'because'> | null {
  const caused = (action: ServiceEffect['action'], by: readonly Change[]) =>
    by.length === 0 ? null : { action, because: by.map((change) => change.address) };
  const having = (effect: Effect) => changes.filter((change) => change.effect === effect);
  const containers = changes.filter((change) => change.kind === 'container');
  const units = changes.filter((change) => change.kind === 'unit');
  return (
    caused(
      'start',
      containers.filter((change) => change.action === 'create' || isOnly(change, 'running')),
    ) ??
    caused(
      'stop',
      containers.filter((change) => change.action === 'delete'),
    ) ??
    caused('reload', units) ??
    caused(
      'restart',
      having('restart').filter((change) => !isOnly(change, 'pending', 'reload')),
    ) ??
    caused('reload', [...having('reload'), ...containers])
  );
}

/** Whether the attribute alone differs, and on the live side is `value`, where one is given. */
function isOnly({ before, after }: Change, name: string, value?: string): boolean {
  if (before === null || after === null) return false;
  const differing = attributeChanges(before, after).map((change) => change.name);
  if (differing.length !== 1 || differing[0] !== name) return false;
  return value === undefined || before.attributes[name] === value;
}
