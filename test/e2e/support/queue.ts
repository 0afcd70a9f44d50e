// What is in Postfix's queue, by the files of its volume: postqueue would be a process in the container each time that
// a test looks, and tests look often.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningSystem } from './mail-system.ts';
import { eventually } from './run.ts';

/** In the order in which a message goes through them, so that none is missed on its way (qmgr(8), "QUEUES"). */
const queues = ['maildrop', 'incoming', 'active', 'deferred'] as const;

/** How many messages wait, of all or in one of Postfix's queues. */
export function queued({ data }: RunningSystem, which: readonly (typeof queues)[number][] = queues): number {
  return which
    .flatMap((queue) =>
      readdirSync(join(data, 'postfix-queue', queue), { recursive: true, withFileTypes: true }),
    )
    .filter((entry) => entry.isFile()).length;
}

/** Until nothing waits in Postfix's queue. */
export function queueIsEmpty(world: RunningSystem, timeoutMs = 30_000): Promise<unknown> {
  return eventually('the queue empty', () => queued(world) === 0, timeoutMs);
}
