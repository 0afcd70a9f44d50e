// Before and after all end-to-end tests: Docker and the images, one run at a time, and nothing left behind.

import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { type HostLock, takeHostLock } from '../../src/targets/host/lock.ts';
import { removeEverything } from './support/mail-system.ts';
import { type Prepared, prepare } from './support/prepare.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    docker: Prepared | { readonly unavailable: string };
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const generate = fileURLToPath(new URL('../../scripts/generate.mjs', import.meta.url));
  execFileSync(process.execPath, [generate], { stdio: ['ignore', 'ignore', 'inherit'] });

  const prepared = await prepare((line) => console.error(line));
  project.provide('docker', prepared);
  if ('unavailable' in prepared) {
    if (process.env.MAILC_E2E === 'required')
      throw new Error(`MAILC_E2E=required, but ${prepared.unavailable}`);
    return async () => {};
  }

  // Containers have fixed names, so a second run on this machine waits for the first.
  shared.mailcMachine ??= takeMachine();
  shared.mailcProjects = (shared.mailcProjects ?? 0) + 1;
  const lock = await shared.mailcMachine;
  return async () => {
    shared.mailcProjects = (shared.mailcProjects ?? 1) - 1;
    if (shared.mailcProjects > 0) return;
    if (process.env.MAILC_E2E_KEEP === undefined) await removeEverything();
    await lock.release();
  };
}

/** Of all projects in one run: vitest sets each of them up before the first test of any. */
const shared = globalThis as { mailcMachine?: Promise<HostLock>; mailcProjects?: number };

async function takeMachine(): Promise<HostLock> {
  const holder = { pid: process.pid, since: new Date().toISOString(), who: 'end-to-end tests' };
  for (const deadline = Date.now() + 1_200_000; ; ) {
    const attempt = await takeHostLock('/srv/mailc-e2e', holder);
    if ('lock' in attempt) {
      await removeEverything();
      return attempt.lock;
    }
    if (Date.now() > deadline) throw new Error('another run of the end-to-end tests does not end');
    await sleep(2000);
  }
}
