/** What a plan has to know of keys beyond the two states: what DNS has of them, and which a host has lost. */
import type { Targets } from '../apply/targets.ts';
import type { Compiled } from '../compile.ts';
import type { KeyFacts } from '../diff/key-hazards.ts';
import { signingChanges } from '../diff/signing.ts';
import type { State } from '../model/plan.ts';

export interface FoundKeyFacts {
  readonly facts: KeyFacts;
  /** Of each DKIM rotation that is under way: how far it is and what comes next, a sentence each. */
  readonly stages: readonly string[];
}

/** DNS is asked only where a selector changes or a rotation is under way: other plans stay off the network. */
export async function keyFacts(
  { system }: Compiled,
  { hosts }: Targets,
  states: { readonly desired: State; readonly live: State },
  resolver: string | undefined,
): Promise<FoundKeyFacts> {
  const lost: KeyFacts['lost'] = [];
  const domains = new Set(switchingDomains(hosts, states));
  if (hosts.length > 0) {
    for (const { name, dkim } of system.domains) {
      if (dkim !== null && (dkim.next !== null || dkim.previous !== null)) domains.add(name);
    }
  }
  if (domains.size === 0) return { facts: { published: new Map(), lost }, stages: [] };
  const { dkimRotation } = await import('./dkim-rotation.ts');
  const { published, stages } = await dkimRotation(system, hosts, domains, resolver ?? null);
  return { facts: { published, lost }, stages };
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
