/** What ClamAV's files are made of. */
import type { TemplateViews } from '../../src/generated/templates.js';
import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Host, MailSystem } from '../../src/model/mail-system.ts';
import { clamavWord } from '../../src/render/escape/clamav.ts';
import { trusted } from '../../src/render/escaped.ts';
import { generatedNotice } from '../../src/render/host-layout.ts';
import { scanLimit } from '../../src/render/scan-limit.ts';

/** Where this host's ClamAV answers; null when it runs none, or nothing is scanned. */
export function ownEndpoint(system: MailSystem, host: Host): Endpoint | null {
  if (!system.virus.enabled || !host.services.includes('clamav')) return null;
  return system.endpoints[host.name]?.clamd ?? null;
}

export function clamdView(system: MailSystem, endpoint: Endpoint): TemplateViews['clamav/clamd.conf'] {
  return {
    notice,
    port: clamavWord(String(endpoint.port)),
    scanLimit: clamavWord(String(scanLimit(system.mail.messageSize))),
  };
}

export function freshclamView(): TemplateViews['clamav/freshclam.conf'] {
  return { notice };
}

const notice = trusted<'clamav'>(generatedNotice);
