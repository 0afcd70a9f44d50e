/** What ClamAV's files are made of. */
import type { TemplateViews } from '../../src/generated/templates.js';
import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Host, MailSystem } from '../../src/model/mail-system.ts';
import { clamavWord } from '../../src/render/escape/clamav.ts';
import { trusted } from '../../src/render/escaped.ts';
import { generatedNotice } from '../../src/render/host-layout.ts';
import { scanLimit } from '../../src/render/scan-limit.ts';

/** Where this host's ClamAV answers. */
export interface Own {
  readonly clamd: Endpoint;
  readonly milter: Endpoint;
}

/** Null when the host runs no ClamAV, or nothing is scanned. */
export function ownEndpoints(system: MailSystem, host: Host): Own | null {
  const endpoints = system.endpoints[host.name];
  if (!system.virus.enabled || !host.services.includes('clamav') || endpoints === undefined) return null;
  const { clamd, 'virus-milter': milter } = endpoints;
  return clamd === null || milter === null ? null : { clamd, milter };
}

export function milterView(system: MailSystem, own: Own): TemplateViews['clamav/clamav-milter.conf'] {
  return {
    notice,
    port: clamavWord(String(own.milter.port)),
    clamdPort: clamavWord(String(own.clamd.port)),
    // More than any message that Postfix takes.
    largestMessage: clamavWord(String(scanLimit(system.mail.messageSize))),
  };
}

export function clamdView(system: MailSystem, own: Own): TemplateViews['clamav/clamd.conf'] {
  return {
    notice,
    port: clamavWord(String(own.clamd.port)),
    scanLimit: clamavWord(String(scanLimit(system.mail.messageSize))),
  };
}

export function freshclamView(): TemplateViews['clamav/freshclam.conf'] {
  return { notice };
}

const notice = trusted<'clamav'>(generatedNotice);
