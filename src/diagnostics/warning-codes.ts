/**
 * The codes that mail.yaml may switch off under `checks.disable`. Apart from the catalogue, whose prose nobody
 * should have to load for a list of names.
 */
import type { DiagnosticCode } from './catalogue/index.ts';
import type { Diagnostic } from './diagnostic.ts';

export const warningCodes = [
  'catch-all-external',
  'destination-falls-to-catch-all',
  'dkim-key-short',
  'dkim-key-unused',
  'dkim-off',
  'dmarc-policy-none',
  'dmarc-report-elsewhere',
  'dnsbl-any-reply',
  'dnsbl-threshold-unreachable',
  'host-address-private',
  'host-address-shared',
  'host-without-ipv4',
  'learning-needs-one-host',
  'overlay-without-ipv6',
  'password-few-rounds',
  'port-without-service',
  'postmaster-unread',
  'quota-below-message-size',
  'relay-not-in-spf',
  'send-as-other-user',
  'service-unused',
  'smtp-not-on-25',
] as const satisfies readonly DiagnosticCode[];

export type WarningCode = (typeof warningCodes)[number];

/** All but the warnings whose codes are `disabled`; an error always stays. */
export function exceptDisabled(
  diagnostics: readonly Diagnostic[],
  disabled: readonly string[],
): readonly Diagnostic[] {
  const off = new Set(disabled);
  return diagnostics.filter(({ severity, code }) => severity === 'error' || !off.has(code));
}
