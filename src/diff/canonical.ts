/** The hash of a state and the order of a plan: the same content is the same on every machine. */
import { createHash } from 'node:crypto';
import type { Attribute, Resource, ResourceKind, State } from '../model/plan.ts';

/**
 * sha256 of what a state holds of some kinds, hex. Two states that a plan finds equal have the same hash:
 * where a resource stands in mail.yaml, its effect and `moved_from` do not count.
 */
export function stateHash(state: State, kinds: ReadonlySet<ResourceKind> = state.kinds): string {
  const hash = createHash('sha256').update(`${[...kinds].sort().join()}\n`);
  const counted = [...state.resources.values()].filter((resource) => kinds.has(resource.kind));
  for (const resource of counted.sort(byAddress)) hash.update(`${canonicalResource(resource)}\n`);
  return hash.digest('hex');
}

export function byAddress(a: { readonly address: string }, b: { readonly address: string }): number {
  return a.address < b.address ? -1 : a.address > b.address ? 1 : 0;
}

/** One line of JSON, the attributes by name. */
function canonicalResource(resource: Resource): string {
  const attributes = Object.keys(resource.attributes)
    .sort()
    .map((name) => [name, resource.attributes[name] as Attribute]);
  return JSON.stringify([resource.address, attributes]);
}
