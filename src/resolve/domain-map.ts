/** The keys under `domains`: which names are hosted, and which of them share another's users and aliases. */
import { quote } from '../diagnostics/quote.ts';
import type { MailYaml, WrittenDomain } from '../model/mail-yaml.generated.ts';
import type { Path, Position } from '../model/position.ts';
import { parseDomainName } from './domain-name.ts';
import { likeness } from './likeness.ts';
import type { Parsed } from './parsed.ts';
import type { Scope } from './scope.ts';

export interface HostedDomain {
  /** A-labels. */
  readonly name: string;
  readonly aliasOf: string | null;
  /** As written. */
  readonly key: string;
  readonly path: Path;
  readonly written: NonNullable<WrittenDomain>;
  readonly source: Position;
}

/** By name, in the order of the file. */
export type HostedDomains = ReadonlyMap<string, HostedDomain>;

export function hostedDomains(config: MailYaml, scope: Scope): HostedDomains {
  const domains = new Map<string, HostedDomain>();
  for (const [key, written] of Object.entries(config.domains ?? {})) {
    const path = ['domains', key];
    const source = scope.at(path, 'key');
    const name = readDomainName(key, 'domain', source, scope);
    if (name === null) continue;
    const first = domains.get(name);
    if (first !== undefined) {
      scope.error('duplicate-domain', source, `domain ${quote(key)} is defined twice`, {
        hint: likeness(key, first.key),
        related: [{ message: 'first defined here', position: first.source }],
      });
      continue;
    }
    const aliasOf =
      written?.alias_of === undefined
        ? null
        : readDomainName(written.alias_of, 'domain', scope.at([...path, 'alias_of']), scope);
    domains.set(name, { name, aliasOf, key, path, written: written ?? {}, source });
  }
  for (const domain of domains.values()) judgeAliasOf(domain, domains, scope);
  return domains;
}

/**
 * Reports a malformed name and gives null. `what` says what the name is for, such as `domain` or `smarthost`;
 * `parse` is another reader than that of host names.
 */
export function readDomainName(
  text: string,
  what: string,
  position: Position,
  scope: Scope,
  parse: (text: string) => Parsed<string> = parseDomainName,
): string | null {
  const result = parse(text);
  if (result.problem === null) return result.value;
  scope.error('domain-malformed', position, `${what} ${quote(text)} is malformed: ${result.problem}`, {
    hint: result.hint === undefined ? undefined : `write ${quote(result.hint)}`,
  });
  return null;
}

function judgeAliasOf(domain: HostedDomain, domains: HostedDomains, scope: Scope): void {
  if (domain.aliasOf === null) return;
  const position = scope.at([...domain.path, 'alias_of']);
  const target = domains.get(domain.aliasOf);
  if (target === undefined) {
    scope.error(
      'unknown-domain',
      position,
      `domain "${domain.name}" is an alias of "${domain.aliasOf}", which is not under "domains"`,
      { hint: scope.suggest(domain.aliasOf, domains.keys()) },
    );
  } else if (target.aliasOf !== null) {
    const end = domains.get(target.aliasOf);
    scope.error(
      'alias-domain-chain',
      position,
      target === domain
        ? `domain "${domain.name}" is an alias of itself`
        : `domain "${domain.name}" is an alias of "${target.name}", which is itself an alias domain`,
      { hint: end?.aliasOf === null ? `write "alias_of: ${end.name}"` : undefined },
    );
  }
  for (const setting of ['catch_all', 'postmaster', 'quota'] as const) {
    if (domain.written[setting] === undefined) continue;
    scope.error(
      'alias-domain-setting',
      scope.at([...domain.path, setting], 'key'),
      `alias domain "${domain.name}" has "${setting}" of its own, though it takes that of "${domain.aliasOf}"`,
    );
  }
}
