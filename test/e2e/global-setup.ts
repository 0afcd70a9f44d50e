// Before and after all end-to-end tests: Docker and the images, one run at a time, and nothing left behind.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { takeHostLock } from '../../src/targets/host/lock.ts';
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
  const holder = { pid: process.pid, since: new Date().toISOString(), who: 'end-to-end tests' };
  let attempt = await takeHostLock('/srv/mailc-e2e', holder);
  for (
    const deadline = Date.now() + 1_200_000;
    !('lock' in attempt);
    attempt = await takeHostLock('/srv/mailc-e2e', holder)
  ) {
    if (Date.now() > deadline) throw new Error('another run of the end-to-end tests does not end');
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
  const { lock } = attempt;
  await removeEverything();
  return async () => {
    if (process.env.MAILC_E2E_KEEP === undefined) await removeEverything();
    await lock.release();
  };
}
