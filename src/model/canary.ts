/**
 * The account that exists for probes alone: `mailc apply` sends it mail after each change and reads it back. Its
 * domain is one that is never in DNS (RFC 6761 section 6.4), so no mail server elsewhere can route mail to it.
 */
import type { Address } from './address.ts';

/** Reserved: mail.yaml may name no address of it. */
export const canaryDomain = 'mailc.invalid';

export const canary: Address = { localpart: 'canary', domain: canaryDomain };

/** Aliases of the canary that only it may write to, each by another way through Postfix. */
export const canaryDetours = {
  /** Through Amavis, as mail from other servers goes. */
  filter: { localpart: 'canary-filter', domain: canaryDomain },
  /** Through sender rewriting (SRS), as mail to other servers goes. */
  out: { localpart: 'canary-out', domain: canaryDomain },
} as const satisfies Readonly<Record<string, Address>>;

/** Name of the generated secret that is its password. */
export const canaryPasswordSecret = 'canary.password';

/** Below the mail volume, where no user's mailbox can be: domains do not begin with a dot. */
export const canaryMailbox = '.mailc-canary';
