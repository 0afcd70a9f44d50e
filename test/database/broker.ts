// Starts a PostgreSQL server when the first test file asks for it, and one only for the whole run: a server takes
// a second to make, and most runs while working on something want none. Test files run in processes of their own,
// so they ask over a socket: the version on one line, an Answer in JSON back.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';
import type { Installation } from './installations.ts';

export type Answer = { readonly url: string } | { readonly error: string };

export interface Broker {
  readonly socket: string;
  stop(): Promise<void>;
}

export async function startBroker(installations: readonly Installation[]): Promise<Broker> {
  const directory = mkdtempSync(join(tmpdir(), 'mailc-broker-'));
  const socket = join(directory, 'socket');
  const clusters = new Map<number, Promise<Cluster>>();

  const clusterOf = (major: number): Promise<Cluster> => {
    const start = installations.find((installation) => installation.major === major)?.start;
    if (typeof start !== 'function') throw new Error(`PostgreSQL ${major} cannot be started here`);
    const cluster = clusters.get(major) ?? start();
    clusters.set(major, cluster);
    return cluster;
  };

  const server = createServer((connection) => {
    connection.once('data', async (line) => {
      connection.end(JSON.stringify(await answer(() => clusterOf(Number(line)))));
    });
    connection.on('error', () => {}); // a test process that was killed
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));

  return {
    socket,
    stop: async () => {
      server.close();
      const started = await Promise.allSettled(clusters.values());
      await Promise.all(started.map((one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function answer(cluster: () => Promise<Cluster>): Promise<Answer> {
  try {
    return { url: (await cluster()).url };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
