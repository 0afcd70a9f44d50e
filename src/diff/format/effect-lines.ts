/** What the services do about a plan, a line each: which of them starts, stops, restarts or reloads, and why. */
import type { Change, Plan } from '../../model/plan.ts';
import { hostOf } from '../hazards.ts';
import { serviceEffects, serviceOf } from '../service-effects.ts';
import { counted, firstOf, printable } from './printable.ts';

/** First what happens, by host and service; then the services that a change touches and that need nothing. */
export function effectLines({ changes }: Plan): readonly string[] {
  const byAddress = new Map(changes.map((change) => [change.address, change]));
  const effects = serviceEffects(changes);
  const affected = new Set(effects.map(({ host, service }) => `${host}/${service}`));
  const untouched = new Map<string, Change[]>();
  for (const change of changes) {
    const service = serviceOf(change);
    if (service === null) continue;
    if (affected.has(`${hostOf(change)}/${service}`)) continue;
    const where = `${service} on ${hostOf(change)}`;
    const those = untouched.get(where);
    if (those === undefined) untouched.set(where, [change]);
    else those.push(change);
  }
  const rows = changes.filter(({ kind }) => kind === 'domain' || kind === 'user' || kind === 'alias');
  return [
    ...effects.map(({ host, service, action, because }) => {
      const causes = because.flatMap((address) => byAddress.get(address) ?? []).map(cause);
      return `${action} ${printable(service)} on ${printable(host)} (${firstOf(causes, 3)})`;
    }),
    ...[...untouched]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([where, those]) => `nothing for ${printable(where)} (${firstOf(those.map(cause), 3)})`),
    ...(rows.length === 0
      ? []
      : [`nothing for ${counted(rows.length, 'row')}: the services read the database as it is`]),
  ];
}

/** The path without its host, and whose change it is where mail.yaml did not make it. */
function cause({ address, reason }: Change): string {
  const path = address.split('/').slice(2).join('/');
  if (reason === 'rotates-secret') return `${path} gets a new secret`;
  return reason === 'changed-outside' ? `${path} changed outside mailc` : path;
}
