// What stands before the first test of a run: generated sources and a command that are up to date, and someone to start the
// database servers when a test asks for one.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { startBroker } from './database/broker.ts';
import { postgresInstallations } from './database/installations.ts';

const build = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (existsSync(build)) execFileSync(process.execPath, [build], { stdio: ['ignore', 'ignore', 'inherit'] });

  const installations = postgresInstallations();
  const broker = await startBroker(installations);
  project.provide('postgres', {
    broker: broker.socket,
    versions: installations.map(({ major, start }) =>
      typeof start === 'function' ? { major } : { major, ...start },
    ),
  });
  return broker.stop;
}
