/** What a plan has to know of keys beyond the two states: what DNS has of them, and which a host has lost. */
import type { HostTarget, Targets } from '../apply/targets.ts';
import type { Compiled } from '../compile.ts';
import type { KeyFacts, LostKey } from '../diff/key-hazards.ts';
import { signingChanges } from '../diff/signing.ts';
import type { State } from '../model/plan.ts';

export interface FoundKeyFacts {
  readonly facts: KeyFacts;
  /** What comes next of each DKIM rotation that is under way, and which secrets get another value; a sentence each. */
  readonly stages: readonly string[];
}

/** DNS is asked only where a selector changes or a rotation is under way: other plans stay off the network. */
export async function keyFacts(
  compiled: Compiled,
  { hosts }: Targets,
  states: { readonly desired: State; readonly live: State },
  resolver: string | undefined,
): Promise<FoundKeyFacts> {
  const { system } = compiled;
  const rotating = new Set(hosts.flatMap((host) => [...host.rotating()]));
  const facts = {
    lost: lostKeys(compiled, hosts, rotating),
    rotated: rotatedFiles(compiled, hosts, rotating),
  };
  const own = [...rotating].sort().map((name) => rotationOf(name, compiled, facts.rotated.size));
  const domains = new Set(switchingDomains(hosts, states));
  if (hosts.length > 0) {
    for (const { name, dkim } of system.domains) {
      if (dkim !== null && (dkim.next !== null || dkim.previous !== null)) domains.add(name);
    }
  }
  if (domains.size === 0) return { facts: { ...facts, published: new Map() }, stages: own };
  const { dkimRotation } = await import('./dkim-rotation.ts');
  const { published, stages } = await dkimRotation(system, hosts, domains, resolver ?? null);
  return { facts: { ...facts, published }, stages: [...own, ...stages] };
}

/** Of passwords nobody outside knows, so another one is as good; what one host has, the others get. */
function lostKeys(
  { system }: Compiled,
  hosts: readonly HostTarget[],
  rotating: ReadonlySet<string>,
): readonly LostKey[] {
  const lost = hosts.map((host) => ({ host: host.name, secrets: host.lostSecrets() }));
  if (lost.every(({ secrets }) => secrets.length === 0)) return [];
  const there = new Set(hosts.flatMap((host) => [...host.readSecrets().keys()]));
  const keys = new Set(
    system.secrets.flatMap(({ name, origin }) =>
      origin.kind === 'generated' && origin.form !== 'password' ? [name] : [],
    ),
  );
  return lost.flatMap(({ host, secrets }) =>
    secrets
      .filter((secret) => keys.has(secret) && !there.has(secret) && !rotating.has(secret))
      .map((secret) => ({ host, secret })),
  );
}

function rotatedFiles(
  { artifacts }: Compiled,
  hosts: readonly HostTarget[],
  rotating: ReadonlySet<string>,
): ReadonlySet<string> {
  if (rotating.size === 0) return new Set();
  const names = new Set(hosts.map((host) => host.name));
  return new Set(
    artifacts
      .filter(({ host }) => host !== null && names.has(host))
      .filter(({ content }) => content.some((part) => typeof part !== 'string' && rotating.has(part.secret)))
      .map(({ path }) => `file/${path}`),
  );
}

function rotationOf(name: string, { system }: Compiled, files: number): string {
  const { database } = system;
  const role =
    name === database.passwordSecret
      ? `, and of the role ${database.role} in the database`
      : name === database.superuserPasswordSecret
        ? ', and of the role postgres in the database'
        : '';
  return `${name} gets another value${files === 0 ? '' : ', in the files above'}${role}`;
}

function switchingDomains(
  hosts: Targets['hosts'],
  { desired, live }: { readonly desired: State; readonly live: State },
): readonly string[] {
  const tables = hosts.map((host) => {
    const address = `file/${host.name}/opendkim/KeyTable`;
    return {
      address,
      before: live.resources.get(address) ?? null,
      after: desired.resources.get(address) ?? null,
    };
  });
  return signingChanges(tables).map(({ domain }) => domain);
}
