// What is in Postfix's queue, by the files of its volume: postqueue would be a process in the container each time that
// a test looks, and tests look often.

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningSystem } from './mail-system.ts';
import { eventually } from './run.ts';

/** In the order in which a message goes through them, so that none is missed on its way (qmgr(8), "QUEUES"). */
const queues = ['maildrop', 'incoming', 'active', 'deferred', 'hold'] as const;

/** How many messages wait, of all or in one of Postfix's queues. */
export function queued({ data }: RunningSystem, which: readonly (typeof queues)[number][] = queues): number {
  return which
    .map((queue) => join(data, 'postfix-queue', queue))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
    )
    .filter(isMessage).length;
}

/** Executable once it is whole: what a killed Postfix had only begun to write lies there until its next cleaning up. */
function isMessage(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && (stats.mode & 0o100) !== 0;
}

/** Until nothing waits in Postfix's queue. */
export function queueIsEmpty(world: RunningSystem, timeoutMs = 30_000): Promise<unknown> {
  return eventually('the queue empty', () => queued(world) === 0, timeoutMs);
}
