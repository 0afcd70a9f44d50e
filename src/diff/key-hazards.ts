/** Hazards of keys: mail that nobody could verify, and a key that would silently become another one. */
import type { Change, PlanHazard } from '../model/plan.ts';
import { signingChanges } from './signing.ts';

/** What nobody can see in the two states: DNS, and the secrets of hosts. */
export interface KeyFacts {
  /**
   * What DNS says of a DKIM key, by `SELECTOR._domainkey.DOMAIN`; null where DNS was not asked at all, as for a plan
   * between two commits.
   */
  readonly published: ReadonlyMap<string, Publication> | null;
  readonly lost: readonly LostKey[];
  /** Addresses of the files that get another value of a secret because somebody asked for it. */
  readonly rotated: ReadonlySet<string>;
}

export type Publication =
  | { readonly status: 'published' }
  /** DNS has no such record. */
  | { readonly status: 'absent' }
  /** DNS has a record there, and not the one of the host's key. */
  | { readonly status: 'different' }
  /** Nobody answered. */
  | { readonly status: 'unanswered'; readonly why: string }
  /** The host has no such key yet, so no record can be right. */
  | { readonly status: 'unmade' };

/** A key that files on the host were made with, and that is not among its secrets any more. */
export interface LostKey {
  readonly host: string;
  /** Name of the secret. */
  readonly secret: string;
}

export const noKeyFacts: KeyFacts = { published: null, lost: [], rotated: new Set() };

/** Once for each domain. Without an answer from DNS the key counts as not published. */
export function* signsWithAnUnpublishedKey(
  changes: readonly Change[],
  { published }: KeyFacts,
): Generator<PlanHazard> {
  if (published === null) return;
  const messages = new Set<string>();
  for (const { domain, after: selector } of signingChanges(changes)) {
    const name = `${selector}._domainkey.${domain}`;
    const why = unpublished(name, published.get(name) ?? { status: 'absent' });
    if (why !== null) messages.add(`${domain} would be signed with ${selector}, but ${why}`);
  }
  for (const message of messages) yield { id: 'dkim-unpublished', message };
}

function unpublished(name: string, publication: Publication): string | null {
  switch (publication.status) {
    case 'published':
      return null;
    case 'absent':
      return `DNS has no record ${name}`;
    case 'different':
      return `the record ${name} in DNS is not that of the host's key`;
    case 'unanswered':
      return `DNS could not be asked for ${name}: ${publication.why}`;
    case 'unmade':
      return 'that key is made by this apply, so DNS cannot have it: write it as "next" first';
  }
}

export function* losesAKey({ lost }: KeyFacts): Generator<PlanHazard> {
  for (const { host, secret } of lost) {
    const message = `${secret} is gone from the secrets of ${host}, and another key would take its place`;
    yield { id: 'rotates-key', message };
  }
}
