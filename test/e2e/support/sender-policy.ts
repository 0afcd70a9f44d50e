// What a receiver that looks says of who sent it a message (SPF, RFC 7208), by what `mailc dns` prints for our domains.

import { spf } from 'mailauth/lib/spf';
import { allDnsRecords } from '../../../renderers/dns/records.ts';
import type { ReceivedMessage } from './outside-host.ts';
import type { World } from './shared.ts';

/** `pass`, `fail`, ... for the message's own sender, or as if it had come from another one. */
export async function senderPolicy(
  world: World,
  { from, client, helo }: ReceivedMessage,
  sender: string = from,
): Promise<string> {
  for (const { domain, records } of allDnsRecords(world.system, new Map())) {
    const texts = records.flatMap(({ name, data }) =>
      name === domain && data.type === 'TXT' ? [data.text] : [],
    );
    const exchanges = records.flatMap(({ name, data }) =>
      name === domain && data.type === 'MX' ? [`${data.preference} ${data.exchange}`] : [],
    );
    world.dns.add({ [domain]: { MX: exchanges, TXT: texts } });
  }
  // Not the addresses of mail.yaml, which nobody has here.
  world.dns.add({
    [world.host]: { A: [await world.addressOf('postfix')], AAAA: [await world.addressOf6('postfix')] },
  });
  const { status } = await spf({ sender, ip: client, helo, resolver: world.dns.resolve });
  return status.result;
}
