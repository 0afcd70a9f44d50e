/** What a mail system must be: the list is the specification, one sentence a rule. */
import type { Rule } from './rule.ts';
import { aliasesNeverLeadBackToThemselves } from './rules/alias-cycles.ts';
import { noAliasLeadsToTooManyAddresses } from './rules/alias-width.ts';
import { noLocalpartHoldsTheDelimiter, noLocalpartLooksRewritten } from './rules/localparts.ts';
import { postmastersGetAndReadTheirMail } from './rules/postmasters.ts';
import {
  everyMailHostHasACertificate,
  hostsHaveAddressesOfTheirOwn,
  mailHostsAreReachedOverIpv4,
  noPortIsPublishedTwice,
  otherServersReachPort25,
} from './rules/reachability.ts';
import { everyNeededServiceRuns, mailAndDatabaseAreInOnePlace } from './rules/services.ts';

export const rules: readonly Rule[] = [
  everyNeededServiceRuns,
  mailAndDatabaseAreInOnePlace,
  everyMailHostHasACertificate,
  noPortIsPublishedTwice,
  otherServersReachPort25,
  mailHostsAreReachedOverIpv4,
  hostsHaveAddressesOfTheirOwn,
  noLocalpartHoldsTheDelimiter,
  noLocalpartLooksRewritten,
  aliasesNeverLeadBackToThemselves,
  noAliasLeadsToTooManyAddresses,
  postmastersGetAndReadTheirMail,
];
