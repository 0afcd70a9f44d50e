// Where someone may come from but this machine's own network: a container beside ours, one on another network of
// Docker's, a machine that sends through this one what is for ours. Each is a network namespace, in which a small
// process connects and passes on, so that the tests' clients can come from there too.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { Peer } from './conversation.ts';
import { docker, run, tryRun } from './run.ts';

export interface Place {
  /** Whom a client has to connect to, to come from this place to that host. */
  readonly way: (host: string, port: number) => Promise<Peer>;
  /** Those of the listeners, each `HOST PORT`, that a connection is made to, all tried at once. */
  readonly reached: (listeners: readonly string[]) => Promise<readonly string[]>;
  readonly leave: () => Promise<void>;
}

/** A container that does nothing. */
export async function containerOn(network: string, image: string): Promise<Place> {
  const name = `${network}-stranger`;
  await tryRun(['docker', 'rm', '--force', name]);
  const words = ['--detach', '--rm', '--init', '--name', name, '--network', network, '--pull', 'never'];
  await docker(['run', ...words, '--entrypoint', 'sleep', image, 'infinity']);
  const process = (await docker(['inspect', '--format', '{{.State.Pid}}', name])).trim();
  return placeIn(`/proc/${process}/ns/net`, async () => {
    await docker(['rm', '--force', name]);
  });
}

export interface NeighbourOptions {
  readonly name: string;
  /** /24, of which this machine has .1 and the neighbour .2. */
  readonly subnet4: string;
  /** /64. */
  readonly subnet6: string;
}

/** A machine on the same wire as this one, which it takes for the router to everywhere. */
export async function neighbour({ name, subnet4, subnet6 }: NeighbourOptions): Promise<Place> {
  const [four, six] = [subnet4.replace(/0\/24$/, ''), subnet6.replace(/\/64$/, '')];
  await tryRun(['ip', 'netns', 'delete', name]);
  await run(['ip', 'netns', 'add', name]);
  const here = (...words: readonly string[]) => run(['ip', ...words]);
  const there = (...words: readonly string[]) => run(['ip', '-netns', name, ...words]);
  await here('link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  await here('address', 'add', `${four}1/24`, 'dev', name);
  await here('address', 'add', `${six}1/64`, 'dev', name, 'nodad');
  await here('link', 'set', name, 'up');
  await there('address', 'add', `${four}2/24`, 'dev', 'eth0');
  await there('address', 'add', `${six}2/64`, 'dev', 'eth0', 'nodad');
  await there('link', 'set', 'eth0', 'up');
  await there('route', 'add', 'default', 'via', `${four}1`);
  await there('-6', 'route', 'add', 'default', 'via', `${six}1`);
  return placeIn(`/run/netns/${name}`, async () => {
    // Its end of the wire takes ours with it.
    await run(['ip', 'netns', 'delete', name]);
  });
}

function placeIn(namespace: string, leave: () => Promise<void>): Place {
  const within = ['nsenter', `--net=${namespace}`, 'bash', '-c'] as const;
  const servers: Server[] = [];
  return {
    way: async (host, port) => {
      const server = createServer((socket) => {
        const [program, ...words] = [...within, passOn, host, String(port)];
        const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'ignore'] });
        for (const stream of [socket, child.stdin]) stream.on('error', () => {});
        socket.pipe(child.stdin);
        child.stdout.pipe(socket);
        socket.on('close', () => child.kill());
      });
      servers.push(server);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
    },
    reached: async (listeners) => {
      const output = await run([...within, tryAll, ...listeners], { timeoutMs: 30_000 });
      return listeners.filter((listener) => output.split('\n').includes(listener));
    },
    leave: async () => {
      for (const server of servers) server.close();
      await leave();
    },
  };
}

/** $0 is the host, $1 the port. The process is the one that reads: it ends when the server hangs up. */
const passOn = 'exec 3<>"/dev/tcp/$0/$1" || exit; cat <&0 >&3 3>&- & exec cat <&3';

/** Three seconds for each: whom a firewall drops is never told. */
const tryAll = `
for listener in "$0" "$@"; do
  timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/$1"' $listener 2>/dev/null && echo "$listener" &
done
wait`;
