/** The rows that a state was built from: mail flow is worked out from rows, and a plan has states. */
import type { Attribute, State } from '../model/plan.ts';
import type { AliasRow, DatabaseRows, DomainRow, UserRow } from '../model/rows.ts';
import { isList, isRedacted } from './attributes.ts';
import { splitAddress } from './mail-flow.ts';

export function rowsOfState(state: State): DatabaseRows {
  const domains: DomainRow[] = [];
  const users: UserRow[] = [];
  const aliases: AliasRow[] = [];
  for (const { kind, address, attributes, source, movedFrom } of state.resources.values()) {
    const [name, domain] = splitAddress(address.slice(kind.length + 1));
    const get = (attribute: string): Attribute => attributes[attribute] ?? null;
    if (kind === 'domain') {
      domains.push({ domain, aliasOf: text(get('alias_of')), catchAll: list(get('catch_all')), source });
    } else if (kind === 'user') {
      const password = get('password');
      users.push({
        name,
        domain,
        password: isRedacted(password) ? password.redacted : '',
        quota: number(get('quota')),
        enabled: get('enabled') === true,
        sendAs: list(get('send_as')),
        movedFrom: movedFrom === null ? null : movedFrom.slice('user/'.length),
        source,
      });
    } else if (kind === 'alias') {
      aliases.push({ name, domain, destinations: list(get('destinations')), source });
    }
  }
  return { domains, users, aliases };
}

const text = (value: Attribute): string | null => (typeof value === 'string' ? value : null);
const number = (value: Attribute): number | null => (typeof value === 'number' ? value : null);
const list = (value: Attribute): readonly string[] => (isList(value) ? value : []);
