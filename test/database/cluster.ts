// One throwaway PostgreSQL cluster on a Unix socket in a temporary directory, made for one test run.

import type { ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

export interface Cluster {
  /** Of the superuser, to the database postgres. */
  readonly url: string;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  /** The directory of initdb and postgres, as the spawned shell sees it. */
  readonly bin: string;
  /** Owns the data; the server refuses to run as root. */
  readonly owner?: readonly [uid: number, gid: number];
  /** Runs the command as the owner, where `directory` has the same path. */
  spawn(argv: readonly string[], directory: string): ChildProcess;
}

// Nobody needs the data after a crash of the machine, so nothing waits for the disk. Dynamic shared memory is
// kept in files, which go away with the directory however the server ends.
const settings = {
  listen_addresses: '',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  dynamic_shared_memory_type: 'mmap',
  shared_buffers: '64MB',
  max_connections: '100',
  timezone: 'UTC',
};

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), 'mailc-postgres-'));
  chmodSync(directory, 0o755); // other users connect to the socket in it
  if (options.owner !== undefined) chownSync(directory, ...options.owner);

  const words = Object.entries({ ...settings, unix_socket_directories: directory }).map(
    ([name, value]) => `-c ${name}='${value}'`,
  );
  const script = `cd ${directory} && exec >log 2>&1 </dev/null &&
    ${options.bin}/initdb -D data -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync &&
    exec ${options.bin}/postgres -D data ${words.join(' ')}`;
  const server = options.spawn(['sh', '-c', script], directory);
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()));

  const url = databaseUrl(directory, 'postgres');
  const stop = async () => {
    server.kill('SIGQUIT'); // immediate shutdown
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await waitFor(url, server);
  } catch (error) {
    const log = readFileSync(join(directory, 'log'), 'utf8');
    await stop();
    throw new Error(`PostgreSQL did not start\n${log}`, { cause: error });
  }
  return { url, stop };
}

/** Without a host part, so that URL, libpq and node-postgres all read it. */
function databaseUrl(directory: string, database: string): string {
  return `postgresql:///${database}?host=${directory}&user=postgres`;
}

async function waitFor(url: string, server: ChildProcess): Promise<void> {
  for (const end = Date.now() + 60_000; ; await sleep(50)) {
    const client = new pg.Client(url);
    try {
      await client.connect();
      return;
    } catch (error) {
      if (server.exitCode !== null || Date.now() > end) throw error;
    } finally {
      await client.end().catch(() => {});
    }
  }
}
