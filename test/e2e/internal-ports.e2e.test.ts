// Who gets at the ports that our containers have for each other: nobody but containers of the mail network.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containerOn, neighbour, type Place } from './support/places.ts';
import { docker, tryRun } from './support/run.ts';
import { describeWorld, type World } from './support/shared.ts';
import { SmtpClient } from './support/smtp-client.ts';

/** LMTP, quota, SASL, Amavis in and out, milters, scanner, database; whichever container it is that listens. */
const internalPorts = [24, 3310, 5432, 7357, 8891, 10024, 10025, 12340, 12345];

const otherNetwork = { name: 'mailc-e2e-other', subnet4: '172.29.78.0/24', subnet6: 'fd00:6d61:6c66::/64' };
const wire = { name: 'mailc-e2e-wire', subnet4: '198.18.77.0/24', subnet6: '2001:db8:77::/64' };

describeWorld('internal ports', (start) => {
  let world: World;
  /** In the mail network; on another one of this Docker; on the wire of this machine. */
  let beside: Place;
  let apart: Place;
  let near: Place;
  beforeAll(async () => {
    world = await start();
    const image = world.system.images.dovecot;
    beside = await containerOn(world.system.network.name, image);
    const { name, subnet4, subnet6 } = otherNetwork;
    await tryRun(['docker', 'network', 'rm', name]);
    await docker(['network', 'create', '--subnet', subnet4, '--ipv6', '--subnet', subnet6, name]);
    apart = await containerOn(name, image);
    near = await neighbour(wire);
  });
  afterAll(async () => {
    for (const place of [beside, apart, near]) await place?.leave();
    await tryRun(['docker', 'network', 'rm', otherNetwork.name]);
  });

  /** Each port at each container, `HOST PORT`, by what a reader calls it. */
  const listeners = async (addressOf: World['addressOf']): Promise<ReadonlyMap<string, string>> => {
    const names = world.containers.map(({ name }) => name);
    const entries = names.map(async (name) => {
      const address = await addressOf(name);
      return internalPorts.map((port): [string, string] => [`${address} ${port}`, `${name} ${port}`]);
    });
    return new Map((await Promise.all(entries)).flat());
  };
  /** What is reached from there of all these, and of the port that the host has published at an address of its own. */
  const reachedBy = async (place: Place, addressOf: World['addressOf'], host: string) => {
    const client = await SmtpClient.connect(await place.way(host, 20025));
    expect(client.greeting).toMatchObject({ code: 220 });
    await client.quit();
    const all = await listeners(addressOf);
    const open = await place.reached([...all.keys(), `${host} 20025`]);
    return open.map((listener) => all.get(listener) ?? 'published').sort();
  };
  const reached = (place: Place, host4: string, host6: string) =>
    Promise.all([reachedBy(place, world.addressOf, host4), reachedBy(place, world.addressOf6, host6)]);

  it('are not published, to whatever address', async () => {
    const ids = (await docker(['ps', '--quiet', '--filter', 'label=mailc.host'])).split('\n').filter(Boolean);
    const each =
      '{{range $to := $ports}}{{$.Name}} {{$port}} {{$to.HostIp}} {{$to.HostPort}}{{"\\n"}}{{end}}';
    const format = `{{range $port, $ports := .NetworkSettings.Ports}}${each}{{end}}`;
    const published = await docker(['inspect', '--format', format, ...ids]);
    const everywhere = (container: string, port: number, to: number) =>
      ['0.0.0.0', '::'].map((address) => `/${container} ${port}/tcp ${address} ${to}`);
    expect(published.split('\n').filter(Boolean).sort()).toEqual(
      [
        ...everywhere('dovecot', 110, 20110),
        ...everywhere('dovecot', 143, 20143),
        ...everywhere('dovecot', 993, 20993),
        ...everywhere('dovecot', 995, 20995),
        ...everywhere('dovecot', 4190, 24190),
        ...everywhere('postfix', 25, 20025),
        ...everywhere('postfix', 465, 20465),
        ...everywhere('postfix', 587, 20587),
      ].sort(),
    );
  });

  it('are reached by a container of the mail network', async () => {
    const [byIPv4, byIPv6] = await reached(beside, world.gateway, 'fd00:6d61:6c65::1');
    expect(byIPv4).toEqual([
      ...['amavis 10024', 'clamav 3310', 'clamav 7357', 'dovecot 12340', 'dovecot 12345', 'dovecot 24'],
      ...['opendkim 8891', 'postfix 10025', 'postgres 5432', 'published'],
    ]);
    expect(byIPv6).toEqual([
      ...['amavis 10024', 'dovecot 12340', 'dovecot 12345', 'dovecot 24', 'postfix 10025', 'postgres 5432'],
      'published',
    ]);
  });

  // Each waits as long as a connection may take.
  describe.concurrent('are not reached, unlike those that are published,', () => {
    it('by a container of another network', async () => {
      expect(await reached(apart, '172.29.78.1', 'fd00:6d61:6c66::1')).toEqual([
        ['published'],
        ['published'],
      ]);
    });

    it('by a machine that takes this one for its router', async () => {
      expect(await reached(near, '198.18.77.1', '2001:db8:77::1')).toEqual([['published'], ['published']]);
    });
  });
});
