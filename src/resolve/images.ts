/** The image of each service: those that `mailc build` makes, and the official one for Postgres. */
import { type ImageSettings, serviceNames } from '../model/mail-system.ts';
import type { MailYaml } from '../model/mail-yaml.generated.ts';

export function imagesOf(config: MailYaml): ImageSettings {
  return Object.fromEntries(
    serviceNames.map((service) => [
      service,
      config.images?.[service] ?? (service === 'postgres' ? 'postgres:17' : `mailc/${service}:1`),
    ]),
  ) as ImageSettings;
}
