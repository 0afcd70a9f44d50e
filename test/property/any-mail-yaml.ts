/** Small mail.yaml objects, each of them right: everything that they point to is in them. */
import fc from 'fast-check';
import type { MailYaml, WrittenDomain, WrittenUser } from '../../src/model/mail-yaml.generated.ts';
import { alicesHash, bobsHash } from '../support/small-mail-yaml.ts';

/** Names that two configurations are likely to share, so that things stay, change, move, come and go. */
const domainNames = ['a.example', 'b.example', 'c.example'] as const;
const userNames = ['alice', 'bob', 'carol', "o'neil", 'x&y~z'];
/** No user has one of these: an alias of a user's name would be an error. */
const aliasNames = ['abuse', 'info', 'sales', 'team', '#1'];
const elsewhere = ['partner@elsewhere.example', '`$id`|{}%@elsewhere.example'];
const hashes = [alicesHash, bobsHash, `{SSHA512}${'A'.repeat(94)}==`];

/** Numbers that stand for choices among what a configuration turns out to have. */
const picks = fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 3 });
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });

const shape = fc.record({
  hosts: fc.constantFrom<'one' | 'two'>('one', 'two'),
  supervisor: fc.constantFrom<'systemd' | 'docker'>('systemd', 'docker'),
  domains: fc.subarray([...domainNames], { minLength: 1 }),
  domain: fc.array(
    fc.record({
      aliasDomain: fc.boolean(),
      catchAll: maybe(picks),
      dkim: fc.constantFrom(undefined, false as const, { selector: 'other' }),
      quota: fc.constantFrom(undefined, false as const, '5GB'),
      policy: fc.constantFrom(undefined, 'none' as const, 'reject' as const),
    }),
    { minLength: 3, maxLength: 3 },
  ),
  users: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom(...userNames),
      domain: fc.nat({ max: 2 }),
      password: fc.constantFrom(...hashes),
      quota: fc.constantFrom(undefined, false as const, '1GB', '1.5MB'),
      enabled: fc.constantFrom(undefined, true, false),
      sendAs: maybe(picks),
      movedFrom: maybe(fc.tuple(fc.constantFrom(...userNames), fc.nat({ max: 2 }))),
    }),
    { selector: ({ name, domain }) => `${name} ${domain}`, minLength: 1, maxLength: 6 },
  ),
  aliases: fc.uniqueArray(
    fc.record({ name: fc.constantFrom(...aliasNames), domain: fc.nat({ max: 2 }), to: picks }),
    { selector: ({ name, domain }) => `${name} ${domain}`, maxLength: 5 },
  ),
  settings: fc.record({
    mail: maybe(
      fc.record({
        recipient_delimiter: fc.constantFrom('+' as const, '=' as const, false as const),
        message_size: fc.constantFrom('10MB', '50MB'),
        disabled_users: fc.constantFrom('accept' as const, 'refuse' as const),
      }),
    ),
    ports: maybe(
      fc.record({
        smtp: fc.constant(25),
        pop3: fc.constantFrom(false as const, 110, 1110),
        sieve: fc.constantFrom(false as const, 4190),
      }),
    ),
    spam: maybe(fc.record({ enabled: fc.boolean(), junk_level: fc.constantFrom(5, 6.5) })),
    virus: maybe(fc.record({ enabled: fc.boolean() })),
    postscreen: maybe(fc.record({ enabled: fc.boolean() })),
    relay: maybe(
      fc.constant({
        host: 'smtp.provider.example',
        username: '$user',
        password: { env: 'RELAY_PASSWORD' },
      }),
    ),
  }),
});

type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

/** `role` is that of the database, which belongs to a whole server. */
export function anyMailYaml(role: string): fc.Arbitrary<MailYaml> {
  return shape.map((drawn) => spelledOut(drawn, role));
}

function spelledOut(drawn: Shape, role: string): MailYaml {
  const canonical = drawn.domains.filter((_, index) => index === 0 || !drawn.domain[index]?.aliasDomain);
  const inCanonical = (index: number): string => canonical[index % canonical.length] ?? '';
  const users = new Map(drawn.users.map((user) => [`${user.name}@${inCanonical(user.domain)}`, user]));
  const [first = ''] = users.keys();
  const aliases = destinationsOf(drawn, inCanonical, [...users.keys()]);
  const known = [...users.keys(), ...Object.keys(aliases)];
  const written: Record<string, WrittenUser> = {};
  const taken = new Set<string>();
  for (const [address, { password, quota, enabled, sendAs, movedFrom }] of users) {
    const former = movedFrom === undefined ? null : `${movedFrom[0]}@${inCanonical(movedFrom[1])}`;
    const moves = former !== null && !users.has(former) && !taken.has(former);
    if (moves) taken.add(former);
    written[address] = {
      password,
      ...(quota === undefined ? {} : { quota }),
      // Somebody must read what comes for the postmaster.
      ...(enabled === undefined || address === first ? {} : { enabled }),
      ...(sendAs === undefined ? {} : { send_as: [...new Set(sendAs.map((pick) => picked(known, pick)))] }),
      ...(moves ? { moved_from: former } : {}),
    };
  }
  return {
    version: 1,
    hosts: hostsOf(drawn),
    database: { role },
    postmaster: first,
    // The prototypes of fast-check's records, and what is undefined, are none of YAML's business.
    ...(JSON.parse(JSON.stringify(drawn.settings)) as Omit<MailYaml, 'version'>),
    domains: Object.fromEntries(
      drawn.domains.map((name, index) => [name, domainOf(drawn, index, canonical, known)]),
    ),
    users: written,
    aliases,
  };
}

/** An alias leads to users, elsewhere, or to aliases that stand before it, so never back to itself. */
function destinationsOf(
  drawn: Shape,
  inCanonical: (index: number) => string,
  users: readonly string[],
): Record<string, string | string[]> {
  const aliases: Record<string, string | string[]> = {};
  for (const { name, domain, to: picks } of drawn.aliases) {
    const address = `${name}@${inCanonical(domain)}`;
    const possible = [...users, ...elsewhere, ...Object.keys(aliases).filter((other) => other !== address)];
    if (aliases[address] !== undefined) continue;
    // Somebody who is not disabled must read what comes to abuse@.
    const to = name === 'abuse' ? users.slice(0, 1) : picks.map((pick) => picked(possible, pick));
    const destinations = [...new Set(to)];
    aliases[address] = destinations.length === 1 ? (destinations[0] ?? '') : destinations;
  }
  return aliases;
}

function domainOf(
  drawn: Shape,
  index: number,
  canonical: readonly string[],
  known: readonly string[],
): WrittenDomain {
  const [first = ''] = canonical;
  const wanted = drawn.domain[index];
  if (!canonical.includes(drawn.domains[index] ?? '')) return { alias_of: first };
  if (wanted === undefined) return {};
  const { catchAll, dkim, quota, policy } = wanted;
  return {
    ...(catchAll === undefined
      ? {}
      : { catch_all: [...new Set(catchAll.map((pick) => picked(known, pick)))] }),
    ...(dkim === undefined ? {} : { dkim }),
    ...(quota === undefined ? {} : { quota }),
    ...(policy === undefined ? {} : { dmarc: { policy } }),
  };
}

function hostsOf({ hosts, supervisor }: Shape): NonNullable<MailYaml['hosts']> {
  const tls = { letsencrypt: 'a.example' };
  const all = { addresses: ['203.0.113.10'], tls, supervisor };
  if (hosts === 'one') return { 'mail.a.example': all };
  return {
    'mail.a.example': { ...all, services: ['postgres', 'dovecot', 'clamav', 'amavis'] },
    'mx.a.example': { addresses: ['203.0.113.11'], tls, services: ['postfix', 'opendkim'], data: '/data' },
  };
}

function picked(possible: readonly string[], pick: number): string {
  return possible[pick % possible.length] ?? '';
}
