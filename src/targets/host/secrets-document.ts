/** Secrets on their way from one host to another: names, values and a checksum, so that half of them is none. */
import { createHash, createPrivateKey } from 'node:crypto';
import { error, type Staged } from '../../diagnostics/diagnostic.ts';
import type { SecretValues } from './secret-store.ts';

/** Format version 1: JSON, one value a line. */
export function printSecrets(from: string, values: SecretValues): string {
  const secrets = Object.fromEntries([...values].sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ formatVersion: 1, from, sha256: checksum(secrets), secrets }, null, 2)}\n`;
}

/** Nothing of the text stands in a diagnostic: it may be secret even where it is wrong. */
export function readSecretsDocument(text: string): Staged<SecretValues> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return failed('what came is not what "mailc secrets export" writes');
  }
  if (!isRecord(document) || document.formatVersion !== 1 || !isRecord(document.secrets)) {
    return failed('what came is not what this version of "mailc secrets export" writes');
  }
  const { secrets } = document;
  if (document.sha256 !== checksum(secrets)) return failed('the secrets were changed on the way');
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(secrets)) {
    if (typeof value !== 'string' || !isSecret(name, value)) {
      return failed('one of the secrets is not of the form that mailc makes');
    }
    values.set(name, value);
  }
  return { value: values, diagnostics: [] };
}

/** A DKIM key, or passwords of letters and digits, one a line. */
function isSecret(name: string, value: string): boolean {
  if (!name.startsWith('dkim.')) return /^[A-Za-z0-9]{16,}(\n[A-Za-z0-9]{16,})*$/.test(value);
  try {
    return createPrivateKey(value).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

function checksum(secrets: Readonly<Record<string, unknown>>): string {
  const sorted = Object.entries(secrets).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function failed(message: string): Staged<SecretValues> {
  const hint = 'export again, and pipe it straight into "mailc secrets import"';
  return { value: null, diagnostics: [error('secrets-unreadable', null, message, { hint })] };
}
