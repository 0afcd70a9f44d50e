/** The pages of the diagnostics that the stage `render` reports. */
import type { Catalogue } from './entry.ts';

export const renderCatalogue = {
  'learning-needs-one-host': {
    rule: 'SpamAssassin learns from what users move into and out of Junk only where Amavis runs beside Dovecot.',
    reason:
      'Dovecot hands messages over in a folder of the host that both containers have. With Dovecot on a host without Amavis nobody reads that folder, so nothing is handed over and the Bayes filter knows only what it taught itself.',
    cure: 'Run `amavis` on the host of `dovecot`, as the default does, or say that it is meant so with `spam: { bayes: false }`, or add the code to `checks.disable`.',
  },
  'overlay-without-ipv6': {
    rule: 'Containers of several hosts share a network without IPv6.',
    reason:
      "Docker's overlay networks carry IPv4 only. Ports are published on IPv6 all the same, but Docker's proxy passes those clients on under one address of its own: postscreen, block lists and limits by client then see a single client, and treat it as one.",
    cure: 'Accept it with `network: { subnet6: false }`, or leave the IPv6 addresses out of `hosts`, so that nobody finds them in DNS.',
  },
} as const satisfies Catalogue;
