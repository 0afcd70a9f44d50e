/** The daily run in which SpamAssassin learns from Junk: where there is one, and what it runs. */
import type { Host, MailSystem } from '../model/mail-system.ts';
import { configurationFolder } from './host-layout.ts';

/** Only beside Dovecot, since the mail to learn from lies there. */
export function learnsDaily({ spam }: MailSystem, host: Host): boolean {
  const { services } = host;
  return spam.enabled && spam.bayes && services.includes('amavis') && services.includes('dovecot');
}

/** Inside the container of Amavis. */
export const learningCommand = `${configurationFolder}/learn-spam`;
