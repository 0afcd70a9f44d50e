// One running organisation for all test files of a run, which vitest runs one after another in one process.

import { afterAll, expect } from 'vitest';
import type { ServiceName } from '../../../src/model/mail-system.ts';
import { Conversation } from './conversation.ts';
import { describeDocker } from './describe-docker.ts';
import { type Expected, unexpectedOf } from './log-lines.ts';
import { type RunningSystem, startMailSystem, writeVolumeFile } from './mail-system.ts';
import { organisation, organisationHost } from './organisation.ts';
import { type OutsideHost, startOutsideHost } from './outside-host.ts';
import { type PyzorServer, startPyzorServer } from './pyzor-server.ts';
import { type RazorServer, startRazorServer } from './razor-server.ts';

export interface World extends RunningSystem {
  /** The mail host of elsewhere.example, which clients of the tests come from too. */
  readonly outside: OutsideHost;
  /** Whom SpamAssassin asks as public.pyzor.org. */
  readonly pyzor: PyzorServer;
  /** Whom it asks as discovery.razor.cloudmark.com. */
  readonly razor: RazorServer;
}

/** EICAR's test file by another name: ClamAV's own signatures are 300 MB and a download. */
const signatures =
  'Eicar-E2E-Test:0:*:58354f2150254041505b345c505a58353428505e2937434329377d2445494341522d5354414e444152442d' +
  '414e544956495255532d544553542d46494c452124482b482a\n';

const holder = globalThis as { mailcWorld?: Promise<World>; mailcLogsRead?: string };

/**
 * Like describe. At the end no container may have logged a warning, or worse, but those that `expected` explains.
 */
export function describeWorld(
  name: string,
  body: (world: () => Promise<World>) => void,
  expected: readonly Expected[] = [],
): void {
  describeDocker(name, ({ postgresImage }) => {
    // Before the body, so that it runs after what the body cleans up.
    afterAll(async () => {
      const since = holder.mailcLogsRead ?? '1970-01-01T00:00:00Z';
      holder.mailcLogsRead = new Date().toISOString();
      const world = await holder.mailcWorld;
      if (world === undefined) return;
      const services = world.containers.map(({ service }) => service);
      const logOf = (service: ServiceName) => world.logsOf(service, since);
      expect(await unexpectedOf(services, logOf, expected)).toEqual([]);
    });
    body(() => {
      holder.mailcWorld ??= start(postgresImage);
      return holder.mailcWorld;
    });
  });
}

async function start(postgresImage: string): Promise<World> {
  const system = await startMailSystem(
    {
      host: organisationHost,
      source: organisation,
      prepare: (data) => writeVolumeFile(data, 'clamav', 'e2e.ndb', signatures),
    },
    postgresImage,
  );
  const address = await system.outsideAddress(200);
  system.dns.add({
    'elsewhere.example': { MX: ['10 mx.elsewhere.example'], TXT: [`v=spf1 ip4:${address} -all`] },
    'mx.elsewhere.example': { A: [address] },
    'discovery.razor.cloudmark.com': { A: [address] },
    'public.pyzor.org': { A: [address] },
    [`${address.split('.').reverse().join('.')}.in-addr.arpa`]: { PTR: ['mx.elsewhere.example'] },
  });
  const outside = await startOutsideHost({ address });
  const pyzor = await startPyzorServer(address);
  const razor = await startRazorServer(address);
  // postscreen lets a client that it has seen behave pass at once from then on.
  const first = await Conversation.open({ host: await system.addressOf('postfix'), port: 25, from: address });
  await first.line();
  await first.line();
  first.write('QUIT\r\n');
  await first.line();
  first.close();
  return { ...system, outside, pyzor, razor };
}
