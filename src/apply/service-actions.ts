/** From the changes of a plan to what happens to the containers of a host, in order. Pure. */
import { serviceEffects } from '../diff/service-effects.ts';
import type { Container } from '../model/container.ts';
import type { Change } from '../model/plan.ts';
import type { ContainerName, RuntimeAction } from './runtime.ts';
import type { PendingAction } from './targets.ts';

export interface HostActions {
  /** Before the rows are committed: only what the database needs in order to answer. */
  readonly first: readonly RuntimeAction[];
  /** After the rows and the files. */
  readonly rest: readonly RuntimeAction[];
}

/**
 * `containers` are those that the host is to have. What goes away stops first, since it may hold a port; then
 * services start and restart, each behind those that it comes after; reloads are among them. `database` is the
 * container that has to answer before the rows can be committed, null when none has to be started for that.
 */
export function serviceActions(
  changes: readonly Change[],
  containers: readonly Container[],
  host: string,
  database: string | null,
): HostActions {
  const effects = serviceEffects(changes).filter((effect) => effect.host === host);
  const network = changes.find(({ address }) => address === `file/${host}/docker/network.sh`);
  const actions: RuntimeAction[] = [];
  if (effects.some(({ service }) => service === 'systemd')) actions.push({ kind: 'units' });
  for (const change of changes) {
    if (change.kind !== 'container' || change.action !== 'delete') continue;
    if (change.address.startsWith(`container/${host}/`))
      actions.push({ kind: 'stop', container: removed(change) });
  }
  const starts = effects.some(({ action }) => action === 'start');
  // Its unit takes the network along when it goes.
  const unitGone = changes.some(
    ({ action, address }) => action === 'delete' && address === `unit/${host}/mail-network.service`,
  );
  if (network !== undefined || starts || unitGone) actions.push({ kind: 'network' });
  for (const container of inOrder(containers)) {
    const effect = effects.find(({ service }) => service === container.service)?.action;
    // To replace a network, all of its containers are stopped.
    const action = effect ?? (network?.action === 'update' ? 'start' : null);
    if (action === null || action === 'stop') continue;
    const kind = action === 'reload' && container.reload === null ? 'restart' : action;
    actions.push({ kind, container });
  }
  if (actions.some(({ kind }) => kind === 'units' || kind === 'start')) actions.push({ kind: 'target' });
  const last = actions.findIndex((action) => 'container' in action && action.container.name === database);
  return { first: actions.slice(0, last + 1), rest: actions.slice(last + 1) };
}

/** By container, what a journal has to remember of the actions. */
export function pendingOf(actions: readonly RuntimeAction[]): Readonly<Record<string, PendingAction>> {
  return Object.fromEntries(
    actions.flatMap((action) => ('container' in action ? [[action.container.name, action.kind]] : [])),
  );
}

function removed(change: Change): ContainerName {
  const name = change.address.split('/')[2] ?? '';
  return {
    name,
    service: String(change.before?.attributes.service ?? '') as ContainerName['service'],
    reload: null,
  };
}

/** Each behind those that it comes after; otherwise by name. */
function inOrder(containers: readonly Container[]): readonly Container[] {
  const ordered: Container[] = [];
  const seen = new Set<string>();
  const visit = (container: Container): void => {
    if (seen.has(container.name)) return;
    seen.add(container.name);
    for (const other of containers) if (container.after.includes(other.service)) visit(other);
    ordered.push(container);
  };
  for (const container of [...containers].sort((a, b) => (a.name < b.name ? -1 : 1))) visit(container);
  return ordered;
}
