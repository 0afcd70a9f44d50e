/** Domains: signing, catch-all, policies, and who is postmaster. */
import { formatAddress } from '../model/address.ts';
import type { Destination, Dkim, Domain } from '../model/mail-system.ts';
import type { MailYaml } from '../model/mail-yaml.generated.ts';
import type { Path } from '../model/position.ts';
import type { AddressBook } from './address-book.ts';
import type { Postmaster } from './aliases.ts';
import { byName } from './by-name.ts';
import { resolveDkim } from './dkim.ts';
import type { HostedDomain, HostedDomains } from './domain-map.ts';
import { type Pointer, readReference, readReferences } from './references.ts';
import type { Scope } from './scope.ts';

export interface ResolvedDomains {
  /** Sorted by name. */
  readonly domains: readonly Domain[];
  /** By name, alias domains left out. */
  readonly postmasters: ReadonlyMap<string, Postmaster>;
  /** The top-level one; null where none is written. */
  readonly postmaster: Destination | null;
}

/** `generated` tells for an address whether it is one of the generated postmaster@ and abuse@. */
export function resolveDomains(
  config: MailYaml,
  hosted: HostedDomains,
  generated: { has(address: string): boolean },
  book: AddressBook,
  scope: Scope,
): ResolvedDomains {
  const postmaster =
    config.postmaster === undefined
      ? null
      : readReference(
          config.postmaster,
          { subject: () => '"postmaster" is', path: ['postmaster'] },
          book,
          scope,
        );
  const general = config.postmaster === undefined ? null : receives(postmaster, ['postmaster'], scope);
  const postmasters = new Map<string, Postmaster>();
  const domains = [...hosted.values()].map((domain): Domain => {
    const catchAll = catchAllOf(domain, book, scope);
    const found = ownPostmaster(domain, book, scope) ?? general ?? catchAll;
    if (found !== null) {
      postmasters.set(domain.name, found);
    } else if (generated.has(`postmaster@${domain.name}`) || generated.has(`abuse@${domain.name}`)) {
      scope.error(
        'postmaster-missing',
        domain.source,
        `nobody gets the mail to "postmaster@${domain.name}" and "abuse@${domain.name}"`,
        { hint: 'write "postmaster: ADDRESS" at the top level or for this domain' },
      );
    }
    return {
      name: domain.name,
      aliasOf: domain.aliasOf,
      dkim: dkimOf(domain, scope),
      catchAll: (catchAll?.destinations ?? []).map(({ address }) => address),
      dmarc: dmarcOf(domain, book, scope),
      mtaSts: domain.written.mta_sts ?? 'none',
      source: domain.source,
    };
  });
  return { domains: domains.sort(byName), postmasters, postmaster };
}

/** A postmaster that was reported as wrong counts as one, so that it is not missed as well. */
function receives(postmaster: Destination | null, path: Path, scope: Scope): Postmaster {
  return { destinations: postmaster === null ? [] : [postmaster], source: scope.at(path) };
}

function ownPostmaster(domain: HostedDomain, book: AddressBook, scope: Scope): Postmaster | null {
  if (domain.written.postmaster === undefined) return null;
  const path = [...domain.path, 'postmaster'];
  const pointer = { subject: () => `the postmaster of "${domain.name}" is`, path };
  return receives(readReference(domain.written.postmaster, pointer, book, scope), path, scope);
}

function catchAllOf(domain: HostedDomain, book: AddressBook, scope: Scope): Postmaster | null {
  if (domain.written.catch_all === undefined) return null;
  const path = [...domain.path, 'catch_all'];
  const subject = () => `the catch-all of "${domain.name}" points to`;
  const judge: Pointer['judge'] = ({ address, kind }, place) => {
    if (kind !== 'external') return;
    const message = `${subject()} "${formatAddress(address)}", so spam to made-up addresses leaves in your name`;
    scope.warning('catch-all-external', scope.at(place), message);
  };
  const pointer: Pointer = { subject, path, judge, caught: 'refused' };
  return {
    destinations: readReferences(domain.written.catch_all, pointer, book, scope),
    source: scope.at(path),
  };
}

function dkimOf({ name, path, written }: HostedDomain, scope: Scope): Dkim | null {
  if (typeof written.dkim === 'boolean') {
    scope.warning('dkim-off', scope.at([...path, 'dkim']), `mail from domain "${name}" is not signed`);
    return null;
  }
  return resolveDkim(name, written.dkim ?? {}, [...path, 'dkim'], scope);
}

function dmarcOf({ name, path, written }: HostedDomain, book: AddressBook, scope: Scope): Domain['dmarc'] {
  const policy = written.dmarc?.policy ?? 'quarantine';
  if (policy === 'none') {
    scope.warning(
      'dmarc-policy-none',
      scope.at([...path, 'dmarc', 'policy']),
      `domain "${name}" asks receivers to deliver forged mail`,
      { hint: 'write "quarantine", or "reject" once the reports show that all own mail passes' },
    );
  }
  const fallback = { localpart: 'postmaster', domain: name };
  if (written.dmarc?.report_to === undefined) return { policy, reportTo: fallback };
  const judge: Pointer['judge'] = ({ address, kind }, place) => {
    if (kind !== 'external') return;
    const message = `${subject()} "${formatAddress(address)}", whose domain must agree before receivers send any`;
    scope.warning('dmarc-report-elsewhere', scope.at(place), message, {
      hint: `ask there for the TXT record "v=DMARC1" at ${name}._report._dmarc.${address.domain}`,
    });
  };
  const subject = () => `DMARC reports of "${name}" go to`;
  const pointer = { subject, path: [...path, 'dmarc', 'report_to'], judge };
  return {
    policy,
    reportTo: readReference(written.dmarc.report_to, pointer, book, scope)?.address ?? fallback,
  };
}
