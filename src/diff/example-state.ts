/** Small states for tests, which say only what differs from the ordinary. */
import type { Drift, Resource, ResourceKind, State } from '../model/plan.ts';
import { resourceKinds } from '../model/plan.ts';
import type { Position } from '../model/position.ts';
import type { AliasRow, DomainRow, UserRow } from '../model/rows.ts';
import { aliasResource, domainResource, fileResource, portResource, userResource } from './resources.ts';
import { state } from './state.ts';

export const mailYaml = (line: number, column = 3): Position => ({
  file: 'mail.yaml',
  line,
  column,
  endColumn: column + 1,
});

export function aDomain(domain: string, rest: Partial<DomainRow> = {}): Resource {
  return domainResource({ domain, aliasOf: null, catchAll: [], source: null, ...rest });
}

export function aUser(address: string, rest: Partial<UserRow> = {}): Resource {
  const [name = '', domain = ''] = address.split('@');
  const usual = { password: '{SHA512-CRYPT}$6$salt$hash', quota: null, enabled: true, sendAs: [] };
  return userResource({ name, domain, ...usual, movedFrom: null, source: null, ...rest });
}

export function anAlias(
  address: string,
  destinations: readonly string[],
  rest: Partial<AliasRow> = {},
): Resource {
  const [name = '', domain = ''] = address.split('@');
  return aliasResource({ name, domain, destinations, source: null, ...rest });
}

/** On mail.example.com. */
export function aFile(
  path: string,
  text: string,
  effect: 'reload' | 'restart' | 'nothing' = 'reload',
): Resource {
  return fileResource({ host: 'mail.example.com', path, mode: 0o644, text, effect, source: null });
}

/** On mail.example.com. */
export function aPort(name: 'smtp' | 'submission' | 'imap' | 'imaps', port: number): Resource {
  return portResource('mail.example.com', name, port, null);
}

export function aState(
  resources: readonly Resource[],
  kinds: readonly ResourceKind[] = resourceKinds,
  drift: Readonly<Record<string, Drift>> = {},
): State {
  return state(resources, kinds, Object.entries(drift));
}

/** Made by the role `eve`, to what the last apply had left as `applied`; null is nothing. */
export function aDrift(applied: Resource | null, rest: Partial<Drift> = {}): Drift {
  const at = '2026-03-04T05:06:07.000Z';
  return { by: 'role eve', at, applied: applied?.attributes ?? null, ...rest };
}

export const noOptions = {
  commit: '3f2c1ab0000000000000000000000000000000aa',
  dirty: false,
  deleteShare: 0.1,
  mail: {
    live: { disabledUsers: 'accept', recipientDelimiter: '+' },
    desired: { disabledUsers: 'accept', recipientDelimiter: '+' },
  },
} as const;
