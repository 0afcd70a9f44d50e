/** The stage that turns what was typed into the complete mail system: defaults, normal forms, references. */
import { type Staged, staged } from '../diagnostics/diagnostic.ts';
import { inFileOrder } from '../diagnostics/in-file-order.ts';
import { exceptDisabled } from '../diagnostics/warning-codes.ts';
import type { Alias, MailSystem } from '../model/mail-system.ts';
import type { MailYaml } from '../model/mail-yaml.generated.ts';
import type { WrittenConfig } from '../model/written-config.ts';
import type { AddressBook } from './address-book.ts';
import { type AddressKeys, addressKeys } from './address-keys.ts';
import { generatedAliases, missingAliases, writtenAliases } from './aliases.ts';
import { resolveDatabase } from './database.ts';
import { disabledChecksOf } from './disabled-checks.ts';
import { dnsOf } from './dns.ts';
import { type HostedDomains, hostedDomains } from './domain-map.ts';
import { resolveDomains } from './domains.ts';
import { endpointsOf } from './endpoints.ts';
import { resolveHosts } from './hosts.ts';
import { imagesOf } from './images.ts';
import { neededServices } from './needed-services.ts';
import { resolveNetwork } from './network.ts';
import { resolvePostscreen } from './postscreen.ts';
import { messageSizeOf, quotaReader } from './quota.ts';
import { byAddress } from './references.ts';
import { resolveRelay } from './relay.ts';
import { type Scope, scopeOf } from './scope.ts';
import { secretsOf } from './secrets.ts';
import { resolveSpam } from './spam.ts';
import { srsDomainOf } from './srs-domain.ts';
import { resolveUsers } from './users.ts';

/** Reports everything that is wrong with a single value or reference at once, in the order of the file. */
export function resolve(written: WrittenConfig): Staged<MailSystem> {
  const scope = scopeOf(written);
  const system = resolveAll(written.config, scope);
  const diagnostics = exceptDisabled(scope.diagnostics, system.disabledChecks);
  return staged(system, inFileOrder(diagnostics, written.positionOf([]).file));
}

/** Values that were reported as wrong have a stand-in, so that one mistake is reported once. */
function resolveAll(config: MailYaml, scope: Scope): MailSystem {
  const hosted = hostedDomains(config, scope);
  const userKeys = addressKeys('users', Object.keys(config.users ?? {}), hosted, new Map(), scope);
  const aliasKeys = addressKeys('aliases', Object.keys(config.aliases ?? {}), hosted, userKeys, scope);
  const missing = missingAliases(hosted, userKeys, aliasKeys);
  const recipientDelimiter = delimiterOf(config);
  const book = addressBook(hosted, userKeys, aliasKeys, missing, recipientDelimiter);

  const { domains, postmasters, postmaster } = resolveDomains(config, hosted, missing, book, scope);
  const messageSize = messageSizeOf(config, scope);
  const quotaOf = quotaReader(config, hosted, messageSize, scope);
  const users = resolveUsers(config, { keys: userKeys, book, domains: hosted, quotaOf, scope });
  const aliases: readonly Alias[] = [
    ...writtenAliases(config, aliasKeys, book, scope),
    ...generatedAliases(missing, postmasters),
  ];
  const srsDomain = srsDomainOf(config, hosted, scope);
  const spam = resolveSpam(config, scope);
  const virus = { enabled: config.virus?.enabled ?? true };
  const hosts = resolveHosts(config, neededServices(config), scope);
  const database = resolveDatabase(config, scope);
  const { relay, secrets } = resolveRelay(config, hosts, scope);
  return {
    hosts,
    domains,
    users,
    aliases: aliases.toSorted(byAddress),
    mail: {
      recipientDelimiter,
      messageSize,
      disabledUsers: config.mail?.disabled_users ?? 'accept',
      srsDomain,
      postmaster: postmaster?.address ?? { localpart: 'postmaster', domain: srsDomain },
    },
    postscreen: resolvePostscreen(config, scope),
    spam,
    virus,
    relay,
    network: resolveNetwork(config, hosts, scope),
    database,
    dns: dnsOf(config, scope),
    guards: { deleteShare: (config.guards?.delete_share ?? 10) / 100 },
    images: imagesOf(config),
    endpoints: endpointsOf(hosts),
    secrets: secretsOf(domains, database, secrets),
    disabledChecks: disabledChecksOf(config, scope),
  };
}

function delimiterOf(config: MailYaml): string | null {
  const written = config.mail?.recipient_delimiter ?? '+';
  return typeof written === 'string' ? written : null;
}

function addressBook(
  hosted: HostedDomains,
  users: AddressKeys,
  written: AddressKeys,
  missing: ReturnType<typeof missingAliases>,
  recipientDelimiter: string | null,
): AddressBook {
  const catchAlls = [...hosted.values()].filter((domain) => domain.written.catch_all !== undefined);
  return {
    users,
    aliases: {
      has: (name) => written.has(name) || missing.has(name),
      keys: () => [...written.keys(), ...missing.keys()],
    },
    domains: new Map([...hosted.values()].map(({ name, aliasOf }) => [name, aliasOf ?? name])),
    catchAlls: new Set(catchAlls.map(({ name }) => name)),
    recipientDelimiter,
  };
}
