import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { swarmManagerAway } from './swarm-manager.ts';

/** A Docker that says this of its swarm, and answers `docker node ls` with this exit code. */
const dockerOf = (swarm: object, nodeLs = 0) => ({
  docker: () => Promise.resolve({ code: nodeLs, timedOut: false, stdout: '', stderr: '' }),
  dockerOrFail: () => Promise.resolve(JSON.stringify(swarm)),
});
const worker = (...addresses: readonly string[]) =>
  dockerOf({
    LocalNodeState: 'active',
    ControlAvailable: false,
    RemoteManagers: addresses.map((Addr) => ({ Addr })),
  });
const manager = { LocalNodeState: 'active', ControlAvailable: true, RemoteManagers: null };

it('is content with one manager of several that answers', async () => {
  const server = createServer().listen(0, '::1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await swarmManagerAway(worker('127.0.0.1:1', `[::1]:${port}`))).toEqual([]);
  server.close();
});

it('names the managers when none answers', async () => {
  expect(await swarmManagerAway(worker('127.0.0.1:1'))).toMatchObject([
    {
      code: 'swarm-manager-away',
      message:
        'no manager of the Docker swarm answers ("127.0.0.1:1"): a container that stops now could not start again',
    },
  ]);
});

it('asks a manager whether it has a majority', async () => {
  expect(await swarmManagerAway(dockerOf(manager))).toEqual([]);
  expect(await swarmManagerAway(dockerOf(manager, 1))).toMatchObject([{ code: 'swarm-manager-away' }]);
});

it('leaves a host that is in no swarm to network.sh', async () => {
  expect(await swarmManagerAway(dockerOf({ ...manager, LocalNodeState: 'inactive' }))).toEqual([]);
});
