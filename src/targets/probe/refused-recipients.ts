/** Recipients that port 25 must refuse, whatever mail.yaml says. */
import { formatAddress } from '../../model/address.ts';
import { canary, canaryDomain } from '../../model/canary.ts';
import type { MailSystem } from '../../model/mail-system.ts';

export interface RefusedRecipient {
  readonly address: string;
  readonly what: string;
  /** Matches code and text of the refusal. A temporary error is none: the table behind it could not be asked. */
  readonly reply: RegExp;
}

export function refusedRecipients(system: MailSystem): readonly RefusedRecipient[] {
  const unknown = nobody(system);
  return [
    ...(unknown === null ? [] : [{ address: unknown, what: 'an unknown user', reply: /^550 5\.1\.1 / }]),
    { address: formatAddress(canary), what: 'the canary', reply: /^550 5\.1\.1 / },
    {
      address: `SRS0=none=AA=relay.${canaryDomain}=nobody@${system.mail.srsDomain}`,
      what: 'a rewritten sender with a wrong signature',
      reply: /^550 5\.1\.1 /,
    },
    {
      address: `nobody@relay.${canaryDomain}`,
      what: 'a foreign domain',
      reply: /^5\d\d .*relay access denied/i,
    },
  ];
}

/** Nobody's address in a domain without catch-all; null where every domain has one. */
function nobody({ domains, users, aliases }: MailSystem): string | null {
  const domain = domains.find(({ aliasOf, catchAll }) => aliasOf === null && catchAll.length === 0)?.name;
  if (domain === undefined) return null;
  const taken = new Set([...users, ...aliases].map(({ address }) => formatAddress(address)));
  for (let number = 0; ; number++) {
    const address = `mailc-nobody${number === 0 ? '' : number}@${domain}`;
    if (!taken.has(address)) return address;
  }
}
