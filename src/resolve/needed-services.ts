/** Which services have work to do: a switched-off feature should not cost a container on every host. */
import type { ServiceName } from '../model/mail-system.ts';
import type { MailYaml } from '../model/mail-yaml.generated.ts';

export function neededServices(config: MailYaml): ReadonlySet<ServiceName> {
  const needed = new Set<ServiceName>(['dovecot', 'postfix', 'postgres']);
  const virus = config.virus?.enabled ?? true;
  if (virus) needed.add('clamav');
  if (virus || (config.spam?.enabled ?? true)) needed.add('amavis');
  if (Object.values(config.domains ?? {}).some((domain) => domain?.dkim !== false)) needed.add('opendkim');
  return needed;
}
