/** The way back of an apply that failed: to the generation before. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Change } from '../model/plan.ts';
import type { ApplyRequest } from './apply.ts';
import { attempt } from './attempt.ts';
import type { Part, Progress } from './part.ts';
import { rolePasswords } from './role-passwords.ts';
import type { RuntimeAction } from './runtime.ts';
import { pendingOf } from './service-actions.ts';
import type { HostTarget, LiveDatabase } from './targets.ts';
import { writeJournal } from './write-journal.ts';

/** The generation before returns: rows, files, then the services that had begun to notice. */
export async function takeBack(
  request: ApplyRequest,
  parts: readonly Part[],
  before: LiveDatabase | null,
  { committed, switched }: Progress,
): Promise<readonly Diagnostic[]> {
  const { changes } = request.plan;
  const { database } = request.targets;
  const restoreRows = async (): Promise<void> => {
    if (!committed || database === null || before === null) return;
    await database.restore(request.compiled.system, before.rows, rolePasswords(request));
  };
  if (switched) request.onStep('undo', null);
  const found: Diagnostic[] = [];
  // First of all: the roles get the passwords back that the files of before have.
  for (const host of request.targets.hosts) found.push(...(await attempt(host.restoreSecrets)));
  const rowsBack = await attempt(restoreRows);
  // Their scripts go with the files.
  for (const { host, action } of inverses(parts, changes, 'stop')) {
    found.push(...(await attempt(async () => host.runtime?.act(action))));
  }
  for (const { staged } of parts) found.push(...(await attempt(staged.undo)));
  for (const { host, action } of inverses(parts, changes, 'again')) {
    found.push(...(await attempt(async () => host.runtime?.act(action))));
  }
  // It may have been the database's own container that did not come up.
  if (rowsBack.length > 0) found.push(...(await attempt(restoreRows)));
  if (!switched) return found;
  // What could not be taken back may run by neither generation: the next apply has every service notice again.
  const isBack = found.length === 0;
  for (const part of parts) {
    const pending = pendingOf([...part.actions.first, ...part.actions.rest]);
    const isDone = isBack || Object.keys(pending).length === 0;
    const settle = () => (isDone ? part.host.writeJournal(null) : writeJournal(request, part, pending));
    found.push(...(await attempt(settle)));
  }
  return found;
}

/**
 * What takes back the actions that have begun: a container that there was none of before stops; anything else
 * happens again, by the scripts of the generation that is back.
 */
function inverses(
  parts: readonly Part[],
  changes: readonly Change[],
  which: 'stop' | 'again',
): readonly { readonly host: HostTarget; readonly action: RuntimeAction }[] {
  const created = (host: HostTarget, resource: string): boolean =>
    changes.some(
      ({ action, address }) => action === 'create' && address === resource.replace('HOST', host.name),
    );
  return parts.flatMap(({ host, begun }) =>
    withTarget(begun).flatMap((action): readonly { host: HostTarget; action: RuntimeAction }[] => {
      if ('container' in action) {
        const { container, kind } = action;
        if (created(host, `container/HOST/${container.name}`)) {
          return which === 'stop' ? [{ host, action: { kind: 'stop', container } }] : [];
        }
        if (which === 'stop') return [];
        return [{ host, action: kind === 'stop' ? { kind: 'start', container } : action }];
      }
      if (which === 'stop') return [];
      // Without an earlier network there is none to go back to, and one more does no harm.
      if (action.kind === 'network' && created(host, 'file/HOST/docker/network.sh')) return [];
      return [{ host, action }];
    }),
  );
}

/** Units that are installed again are not started by that. */
function withTarget(begun: readonly RuntimeAction[]): readonly RuntimeAction[] {
  const kinds = begun.map(({ kind }) => kind);
  return kinds.includes('units') && !kinds.includes('target') ? [...begun, { kind: 'target' }] : begun;
}
