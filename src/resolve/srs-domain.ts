/** The domain of rewritten envelope senders: it must be hosted, since bounces come back to it. */
import { quote } from '../diagnostics/quote.ts';
import type { MailYaml } from '../model/mail-yaml.generated.ts';
import { type HostedDomains, readDomainName } from './domain-map.ts';
import type { Scope } from './scope.ts';

/** Unless written, the alphabetically first domain that is no alias: it must not depend on the file's order. */
export function srsDomainOf(config: MailYaml, domains: HostedDomains, scope: Scope): string {
  const [first] = [...domains.values()]
    .filter(({ aliasOf }) => aliasOf === null)
    .map(({ name }) => name)
    .sort();
  if (first === undefined) {
    const message = 'no domain is hosted, so there is no mail to receive';
    const hint = 'write "domains:" with at least one domain that is no alias';
    scope.error('domain-missing', scope.at(['domains'], 'key'), message, { hint });
  }
  const written = config.mail?.srs_domain;
  if (written === undefined) return first ?? '';
  const position = scope.at(['mail', 'srs_domain']);
  const name = readDomainName(written, 'SRS domain', position, scope);
  if (name !== null && !domains.has(name)) {
    scope.error('unknown-domain', position, `SRS domain ${quote(written)} is not under "domains"`, {
      hint: scope.suggest(name, domains.keys()),
    });
  }
  return name ?? '';
}
