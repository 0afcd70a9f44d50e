/** What the DNS records say beyond what follows from hosts and domains. */
import type { DnsSettings } from '../model/mail-system.ts';
import type { MailYaml } from '../model/mail-yaml.generated.ts';
import { readDomainName } from './domain-map.ts';
import type { Scope } from './scope.ts';

export function dnsOf(config: MailYaml, scope: Scope): DnsSettings {
  const authorities = (config.dns?.caa ?? ['letsencrypt.org']).map(
    (text, index) =>
      readDomainName(text, 'certificate authority', scope.at(['dns', 'caa', index]), scope) ?? '',
  );
  return { ttl: config.dns?.ttl ?? 3600, caa: [...new Set(authorities)].sort() };
}
