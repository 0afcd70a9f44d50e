/** What a plan may not do unasked: each rule is a function named as a sentence, and the lists are the specification. */
import type { Change, HazardId, Resource, State } from '../model/plan.ts';
import { isList, sameAttribute } from './attributes.ts';

/** Both sides of the plan that a change is judged in. */
export interface Surroundings {
  readonly desired: State;
  readonly live: State;
  /** The hosts that have anything at all on the live side. */
  readonly liveHosts: ReadonlySet<string>;
  /** Published port numbers of the desired side, by host. */
  readonly clientPorts: ReadonlyMap<string, ReadonlySet<string>>;
  /** Services that clients can reach on the live side, as `HOST/SERVICE`. */
  readonly reachable: ReadonlySet<string>;
}

type Rule = (change: Change, around: Surroundings) => boolean;

const rules: readonly (readonly [HazardId, Rule])[] = [
  ['changes-password', changesPassword],
  ['closes-port', closesPort],
  ['deletes-alias', deletesAlias],
  ['deletes-domain', deletesDomain],
  ['deletes-user', deletesUser],
  ['exposes-service', exposesService],
  ['opens-port', opensPort],
];

/** The hazards of one change, sorted. */
export function hazardsOf(change: Change, around: Surroundings): readonly HazardId[] {
  return rules.filter(([, applies]) => applies(change, around)).map(([id]) => id);
}

function changesPassword({ kind, before, after }: Change): boolean {
  if (kind !== 'user' || before === null || after === null) return false;
  return !sameAttribute(before.attributes.password ?? null, after.attributes.password ?? null);
}

/** A user that moves is updated, so it is not meant. */
function deletesUser({ kind, action }: Change): boolean {
  return kind === 'user' && action === 'delete';
}

function deletesDomain({ kind, action }: Change): boolean {
  return kind === 'domain' && action === 'delete';
}

/**
 * postmaster@ and abuse@ come and go with their domain, which has a hazard of its own, and make room for a
 * user of that name.
 */
function deletesAlias({ kind, action, address }: Change, { desired }: Surroundings): boolean {
  if (kind !== 'alias' || action !== 'delete') return false;
  const name = address.slice('alias/'.length);
  if (!isRoleAddress(name)) return true;
  const domain = desired.resources.get(`domain/${name.slice(name.lastIndexOf('@') + 1)}`);
  const followsItsDomain = domain === undefined || domain.attributes.alias_of !== null;
  return !followsItsDomain && !desired.resources.has(`user/${name}`);
}

/** RFC 2142: the two that every domain has, written or not. */
export function isRoleAddress(address: string): boolean {
  return address.startsWith('postmaster@') || address.startsWith('abuse@');
}

/**
 * A port answers that did not, or at another number. On a host where nothing is live yet every port is new,
 * which is what setting up a host means.
 */
function opensPort({ kind, action, after, before }: Change, around: Surroundings): boolean {
  if (kind !== 'port' || action === 'delete' || after === null) return false;
  return around.liveHosts.has(hostOf(after)) && before?.attributes.port !== after.attributes.port;
}

/** A port no longer answers, or no longer at its number. */
function closesPort({ kind, action, before, after }: Change): boolean {
  if (kind !== 'port' || action === 'create') return false;
  return before?.attributes.port !== after?.attributes.port;
}

/**
 * A service that nobody outside could reach on this host becomes reachable, or a
 * container publishes a port that is none of the client ports of mail.yaml.
 */
function exposesService(change: Change, around: Surroundings): boolean {
  const { kind, action, after, before } = change;
  if (after === null) return false;
  if (kind === 'port') {
    const service = `${hostOf(after)}/${after.attributes.service}`;
    return action === 'create' && opensPort(change, around) && !around.reachable.has(service);
  }
  if (kind !== 'container') return false;
  const known = around.clientPorts.get(hostOf(after));
  const old = new Set(ports(before));
  return ports(after).some((port) => !old.has(port) && !known?.has(port.slice(0, port.indexOf(':'))));
}

function ports(container: Resource | null): readonly string[] {
  const value = container?.attributes.ports ?? null;
  return isList(value) ? value : [];
}

/** Of a resource whose address is `KIND/HOST/…`. */
export function hostOf(resource: Pick<Resource, 'address'>): string {
  return resource.address.split('/', 2)[1] ?? '';
}

const hostKinds: ReadonlySet<string> = new Set(['file', 'port', 'container', 'unit']);

export function surroundings(desired: State, live: State): Surroundings {
  const clientPorts = new Map<string, Set<string>>();
  for (const resource of desired.resources.values()) {
    if (resource.kind !== 'port') continue;
    const host = hostOf(resource);
    const numbers = clientPorts.get(host) ?? new Set();
    clientPorts.set(host, numbers.add(String(resource.attributes.port)));
  }
  const liveHosts = new Set<string>();
  const reachable = new Set<string>();
  for (const resource of live.resources.values()) {
    if (!hostKinds.has(resource.kind)) continue;
    liveHosts.add(hostOf(resource));
    if (resource.kind === 'port') reachable.add(`${hostOf(resource)}/${resource.attributes.service}`);
  }
  return { desired, live, liveHosts, clientPorts, reachable };
}
