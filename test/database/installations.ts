// The PostgreSQL servers that a test run can start: the machine's own (15 on Debian 12) and Debian 13's 17, because
// the migration has to work on the server that somebody has already and on the one that mailc installs.

import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { debian13 } from '../debian/debian13.ts';
import { ids } from '../debian/enter.ts';
import { type Cluster, startCluster } from './cluster.ts';

export interface Installation {
  readonly major: number;
  /** Starts a cluster, or says why none can be started here. */
  readonly start: (() => Promise<Cluster>) | { readonly unavailable: string };
}

/** By version; a version stands once, and of two of the same the machine's own goes first, being cheaper to start. */
export function postgresInstallations(): readonly Installation[] {
  const own = ownPostgres();
  return own?.major === 17 ? [own] : [own ?? noneOfItsOwn, { major: 17, start: postgres17() }];
}

const noneOfItsOwn: Installation = {
  major: 15,
  start: { unavailable: 'the machine has no PostgreSQL of its own; Debian\'s package is "postgresql"' },
};

function postgres17(): Installation['start'] {
  const debian = debian13();
  if ('unavailable' in debian) return debian;
  return () =>
    startCluster({
      bin: '/usr/lib/postgresql/17/bin',
      owner: ids(debian.root, 'postgres'),
      spawn: (argv, directory) => debian.start(argv, { user: 'postgres', binds: { [directory]: directory } }),
    });
}

const packages = '/usr/lib/postgresql';

function ownPostgres(): Installation | undefined {
  const versions = existsSync(packages) ? readdirSync(packages).map(Number) : [];
  const major = versions
    .sort((a, b) => b - a)
    .find((version) => existsSync(`${packages}/${version}/bin/initdb`));
  if (major === undefined) return undefined;

  const bin = `${packages}/${major}/bin`;
  if (process.getuid?.() !== 0) {
    return { major, start: () => startCluster({ bin, spawn: (argv) => spawnQuietly(argv) }) };
  }
  const asPostgres = ['setpriv', '--reuid', 'postgres', '--regid', 'postgres', '--init-groups'];
  // However the test run ends, the server does too: immediately, but taking its shared memory with it.
  asPostgres.push('--pdeathsig', 'QUIT');
  const owner = ids('/', 'postgres');
  return {
    major,
    start: () => startCluster({ bin, owner, spawn: (argv) => spawnQuietly([...asPostgres, ...argv]) }),
  };
}

function spawnQuietly([command = '', ...rest]: readonly string[]) {
  return spawn(command, rest, { stdio: 'ignore' });
}
