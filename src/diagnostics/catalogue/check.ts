/** The pages of the diagnostics that the stage `check` reports: of the system as a whole. */
import type { Catalogue } from './entry.ts';

export const checkCatalogue = {
  'alias-cycle': {
    rule: 'No alias and no catch-all leads back to itself.',
    reason:
      'Such mail never reaches a mailbox: Postfix gives up and bounces it, for the other destinations as well.',
    cure: 'Take one destination out of the cycle that the message shows. Most often one of them should be a user.',
  },
  'alias-too-wide': {
    rule: 'An alias leads to at most 1000 addresses, those of its aliases included.',
    reason:
      'Postfix expands no more (`virtual_alias_expansion_limit`): it would defer mail to the alias until it bounces. Nor ' +
      'should anybody on the Internet be able to write to so many people at once.',
    cure: 'Use a mailing list, which can also say who may write to it.',
  },
  'host-address-shared': {
    rule: 'Two hosts should not have the same address.',
    reason: 'DNS would send the clients of one to the other.',
    cure: 'Correct one of the two. Behind one router with different ports, switch this warning off.',
  },
  'host-missing': {
    rule: 'There must be a host.',
    reason: 'Domains without a machine have nowhere to receive their mail.',
    cure: 'Write it under `hosts`, with its public addresses and its certificate.',
  },
  'host-without-ipv4': {
    rule: 'A host that receives mail should have an IPv4 address.',
    reason: 'Many mail servers have no IPv6, and cannot deliver to a host that has nothing else.',
    cure: 'Add the IPv4 address to `addresses`.',
  },
  'localpart-holds-delimiter': {
    rule: 'No user and no alias has the recipient delimiter in its localpart.',
    reason:
      'The delimiter ends the localpart: with `+`, mail to `bob+news@` is for `bob`. Postfix and Dovecot look up an address ' +
      'that holds one in different order, so its mail would be lost between them.',
    cure: 'Rename it, or write another `mail.recipient_delimiter`, or `false`.',
  },
  'localpart-reserved': {
    rule: 'No localpart begins with `srs0` or `srs1` and one of `= + -`.',
    reason:
      'Forwarded mail gets such senders (SRS), so that bounces come back here and go on from here. Mail to a user of ' +
      'that name would be taken for a bounce.',
    cure: 'Rename it.',
  },
  'port-clash': {
    rule: 'A host publishes a port once.',
    reason: 'Docker starts the first container that asks for a port, and fails the second.',
    cure: "Give one of the two another number, or `false`, under `ports` or the host's own `ports`.",
  },
  'postmaster-refused': {
    rule: 'Mail to postmaster@ and abuse@ must not be refused.',
    reason: 'RFC 5321 section 4.5.1 demands it. With `disabled_users: refuse` a disabled postmaster is none.',
    cure: 'Write another `postmaster`, or let the alias lead to somebody who is enabled as well.',
  },
  'postmaster-unread': {
    rule: 'Somebody should read the mail to postmaster@ and abuse@.',
    reason: 'The only users who get it cannot log in.',
    cure: 'Write another `postmaster`, or let the alias lead to somebody who is enabled as well.',
  },
  'service-on-two-hosts': {
    rule: 'Dovecot and Postgres each run on one host.',
    reason: 'Two mail stores would each have a part of every mailbox, and two databases would drift apart.',
    cure: 'List the `services` of each host, so that only one has `dovecot` and one has `postgres`.',
  },
  'service-without-host': {
    rule: 'Every service that the settings need runs on some host.',
    reason: 'The others would wait for it, and mail with them.',
    cure: 'Add the service to the `services` of a host, or switch off the setting that needs it.',
  },
  'smtp-not-on-25': {
    rule: 'Some host should publish smtp on port 25.',
    reason: 'Other mail servers try no other port (RFC 5321 section 4.5.4.2): without it no mail comes in.',
    cure: 'Write `smtp: 25` under `ports`. If a router or proxy passes port 25 on, switch this warning off.',
  },
  'tls-missing': {
    rule: 'A host with Dovecot or Postfix has a certificate.',
    reason:
      'Passwords and mail must not cross the wire in clear; without a certificate nobody could log in at all.',
    cure: 'Write `tls: { letsencrypt: NAME }`, or `tls: { certificate: /PATH, key: /PATH }` for the host.',
  },
} as const satisfies Catalogue;
