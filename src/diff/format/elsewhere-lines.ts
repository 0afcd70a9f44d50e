/** Puts into words what other hosts have to apply, as a part of a plan and as sentences of their own. */
import { resourceKinds } from '../../model/plan.ts';
import type { Elsewhere, PartElsewhere } from '../elsewhere.ts';
import { counted, firstOf, printable } from './printable.ts';

/** Its words are bounded by what is known: of another host nobody can say here what it has applied since. */
export function elsewhereTitle({ since }: Elsewhere): string {
  const compared = since === null ? '' : `, by what mail.yaml changed since ${lastApply(since)}`;
  return `For other hosts to apply${compared}`;
}

/** A line for each host: `store.example.com: 2 users, 3 files, reload dovecot`. */
export function elsewhereLines({ parts }: Elsewhere): readonly string[] {
  return parts.map((part) => `${printable(part.host)}: ${isGone(part) ? gone : ''}${whatOf(part)}`);
}

/** The same, a sentence for each host. */
export function elsewhereNotes({ since, parts }: Elsewhere): readonly string[] {
  return parts.map((part) => {
    const host = printable(part.host);
    if (since === null) return `${host} has its own part to apply: ${whatOf(part)}.`;
    const has = isGone(part) ? `is ${gone}` : 'has its own part to apply: ';
    return `${host} ${has}${whatOf(part)} (since ${lastApply(since)}).`;
  });
}

const gone = 'not in mail.yaml any more, and left as it is: ';

function isGone({ services, changes }: PartElsewhere): boolean {
  return changes !== null && services.length === 0;
}

function lastApply({ generation }: NonNullable<Elsewhere['since']>): string {
  return `the last apply on this host, generation ${generation}`;
}

function whatOf({ services, changes, effects }: PartElsewhere): string {
  if (changes === null)
    return services.length === 0 ? 'no services' : services.map((one) => printable(one)).join(', ');
  const counts = resourceKinds.flatMap((kind) => {
    const count = changes[kind] ?? 0;
    return count === 0 ? [] : [counted(count, kind, kind === 'alias' ? 'aliases' : `${kind}s`)];
  });
  const felt = effects.map(({ service, action }) => `${action} ${service}`);
  return [...counts, ...(felt.length === 0 ? [] : [firstOf(felt, 12)])].join(', ');
}
