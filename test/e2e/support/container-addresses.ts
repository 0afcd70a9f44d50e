// Where a container is now. Tests ask with every connection, so they ask the daemon itself: Docker's command would be a
// process each time.

import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';

export interface ContainerAddresses {
  readonly IPAddress: string;
  readonly GlobalIPv6Address: string;
}

interface Inspected {
  readonly NetworkSettings?: { readonly Networks?: Readonly<Record<string, ContainerAddresses>> };
}

/** Its addresses in a network; empty ones while it does not run. Rejects when there is no such container. */
export async function addressesIn(network: string, container: string): Promise<ContainerAddresses> {
  const request = get({ socketPath: '/var/run/docker.sock', path: `/containers/${container}/json` });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const { NetworkSettings } = (await json(response)) as Inspected;
  const addresses = NetworkSettings?.Networks?.[network];
  if (addresses === undefined) throw new Error(`${container} is not in ${network} (${response.statusCode})`);
  return addresses;
}
