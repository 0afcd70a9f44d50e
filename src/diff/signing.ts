/** Which DKIM key signs for a domain before and after a plan: read from OpenDKIM's own table, which both sides have. */
import type { Change, Consequence, Resource, State } from '../model/plan.ts';
import { isText } from './attributes.ts';
import { hostOf } from './hazards.ts';

/** A domain that is signed with another key than before; one that begins or ends to be signed is none. */
export interface SigningChange {
  readonly host: string;
  readonly domain: string;
  readonly before: string;
  readonly after: string;
}

/** In the order of the changes, then of the table. */
export function signingChanges(
  changes: readonly Pick<Change, 'address' | 'before' | 'after'>[],
): readonly SigningChange[] {
  return changes.flatMap(({ address, before, after }) => {
    if (before === null || after === null || !isKeyTable(address)) return [];
    const old = selectorsOf(before);
    return [...selectorsOf(after)].flatMap(([domain, selector]) => {
      const former = old.get(domain);
      return former === undefined || former === selector
        ? []
        : [{ host: hostOf(after), domain, before: former, after: selector }];
    });
  });
}

/** One a domain, however many hosts sign for it. */
export function signingConsequences(changes: readonly Change[], desired: State): readonly Consequence[] {
  const found = new Map<string, Consequence>();
  for (const { domain, before, after } of signingChanges(changes)) {
    found.set(domain, {
      kind: 'changes-dkim-key',
      address: `@${domain}`,
      message: `mail from ${domain} will be signed with ${after} instead of ${before}`,
      source: desired.resources.get(`domain/${domain}`)?.source ?? null,
    });
  }
  return [...found.values()];
}

function isKeyTable(address: string): boolean {
  return /^file\/[^/]+\/opendkim\/KeyTable$/.test(address);
}

/** Selector by domain: lines of `NAME DOMAIN:SELECTOR:FILE` (opendkim.conf(5)). */
function selectorsOf({ attributes: { content = null } }: Resource): ReadonlyMap<string, string> {
  if (!isText(content)) return new Map();
  const lines = content.text.matchAll(/^[^#\s]\S*\s+([^:\s]+):([^:\s]+):/gm);
  return new Map([...lines].map(([, domain = '', selector = '']) => [domain, selector]));
}
