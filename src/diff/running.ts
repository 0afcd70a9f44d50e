/** What a live host is compared by besides files: whether that which should run does. */
import type { Host } from '../model/mail-system.ts';
import type { Resource } from '../model/plan.ts';

/**
 * Of a container. `pending` is what an apply that was cut off has not had it do yet: `reload`, `restart`, `start`
 * or `stop`.
 */
export const runningContainer = { running: true, pending: null } as const;

/** Names of units that have a state of their own; a service's is that of its container. */
export function hasUnitState(name: string): boolean {
  return name.endsWith('.target') || name.endsWith('.timer');
}

/** Of a unit with a state: the target starts with the machine, the timers with the target. */
export function runningUnit(name: string): Readonly<Record<string, boolean>> {
  return name.endsWith('.target') ? { enabled: true, active: true } : { active: true };
}

/** A resource as it is to be on a host whose containers and units mailc sees. */
export function asRunning(resource: Resource, supervisor: Host['supervisor']): Resource {
  const { kind, address, attributes } = resource;
  if (kind === 'container')
    return { ...resource, attributes: { ...attributes, ...runningContainer, supervisor } };
  if (kind !== 'unit' || !hasUnitState(address)) return resource;
  return { ...resource, attributes: { ...attributes, ...runningUnit(address) } };
}
