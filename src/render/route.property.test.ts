import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aMailSystem, anAddress, type Differences } from '../../test/support/a-mail-system.ts';
import { check } from '../check/check.ts';
import { formatAddress } from '../model/address.ts';
import type { MailSystem } from '../model/mail-system.ts';
import { routerOf } from './route.ts';
import { senderAddresses } from './sender-addresses.ts';

const home = 'example.com';
const people = ['ann', 'bob', 'cat'] as const;
const groups = ['all', 'info', 'sales', 'team'] as const;

/** Small on purpose: with seven localparts cycles, shadowing and shared destinations come up in most systems. */
const systems: fc.Arbitrary<MailSystem> = fc
  .record({
    users: fc.uniqueArray(fc.constantFrom(...people), { minLength: 1 }),
    disabled: fc.uniqueArray(fc.constantFrom(...people)),
    aliases: fc.dictionary(
      fc.constantFrom(...groups),
      fc.uniqueArray(fc.constantFrom(...people, ...groups, 'ann+news', 'x@elsewhere.org'), { minLength: 1 }),
      { noNullPrototype: true },
    ),
    catchAll: fc.uniqueArray(fc.constantFrom(...people), { maxLength: 2 }),
    delimiter: fc.constantFrom('+', null),
    disabledUsers: fc.constantFrom('accept', 'refuse'),
  })
  .map(({ users, disabled, aliases, catchAll, delimiter, disabledUsers }) => {
    const known = new Set<string>([...users, ...Object.keys(aliases)]);
    const reachable = (name: string) =>
      name.includes('@') || known.has(delimiter === null ? name : (name.split(delimiter)[0] ?? ''));
    const full = (name: string) => (name.includes('@') ? name : `${name}@${home}`);
    const differences: Differences = {
      domains: [
        { name: home, catchAll: catchAll.filter((name) => known.has(name)).map(full) },
        { name: 'example.net', aliasOf: home },
      ],
      users: users.map((name) => ({ address: full(name), enabled: !disabled.includes(name) })),
      aliases: Object.fromEntries(
        Object.entries(aliases)
          .map(([name, to]) => [full(name), to.filter(reachable).map(full)] as const)
          .map(([name, to]) => [name, to.length === 0 ? [`${users[0]}@${home}`] : to] as const),
      ),
      mail: { recipientDelimiter: delimiter, disabledUsers },
    };
    return aMailSystem(differences);
  });

const systemsWithoutCycles = systems.filter((system) => check(system).value !== null);

const names = fc.constantFrom(...people, ...groups, 'postmaster', 'abuse', 'nobody');
const text = (route: ReturnType<ReturnType<typeof routerOf>>) => JSON.stringify(route);

test('every route ends, cycles or not, at users of the system and at addresses elsewhere', () => {
  fc.assert(
    fc.property(systems, names, (system, name) => {
      const { users, external } = routerOf(system)(anAddress(`${name}@${home}`));
      const all = new Set(system.users.map(({ address }) => formatAddress(address)));

      expect(users.every((address) => all.has(formatAddress(address)))).toBe(true);
      expect(external.every(({ domain }) => domain === 'elsewhere.org')).toBe(true);
    }),
  );
});

test('an alias reaches exactly what its destinations reach together', () => {
  fc.assert(
    fc.property(systemsWithoutCycles, (system) => {
      const routeTo = routerOf(system);
      for (const { address, destinations } of system.aliases) {
        const parts = destinations.map((destination) => routeTo(destination.address));
        const together = (pick: 'users' | 'external') => [
          ...new Set(parts.flatMap((part) => part[pick].map(formatAddress))),
        ];
        const whole = routeTo(address);

        expect(whole.users.map(formatAddress)).toEqual(together('users').sort());
        expect(whole.external.map(formatAddress)).toEqual(together('external').sort());
      }
    }),
  );
});

test('a detail, and the name of an alias domain, change nothing', () => {
  fc.assert(
    fc.property(systems, names, (system, name) => {
      const routeTo = routerOf(system);
      const plain = text(routeTo(anAddress(`${name}@${home}`)));

      expect(text(routeTo(anAddress(`${name}@example.net`)))).toBe(plain);
      if (system.mail.recipientDelimiter === '+') {
        expect(text(routeTo(anAddress(`${name}+detail@${home}`)))).toBe(plain);
      }
    }),
  );
});

test('a catch-all never gets the mail of a user or an alias', () => {
  fc.assert(
    fc.property(systems, (system) => {
      const without = { ...system, domains: system.domains.map((domain) => ({ ...domain, catchAll: [] })) };
      const [routeTo, routeWithout] = [routerOf(system), routerOf(without)];
      for (const { address } of [...system.users, ...system.aliases]) {
        expect(text(routeTo(address))).toBe(text(routeWithout(address)));
      }
    }),
  );
});

test('postmaster@ and abuse@ of every domain reach somebody', () => {
  fc.assert(
    fc.property(systemsWithoutCycles, fc.constantFrom('postmaster', 'abuse'), (system, localpart) => {
      const routeTo = routerOf(system);
      for (const { name } of system.domains) {
        const { users, external, refused } = routeTo({ localpart, domain: name });

        expect(users.length + external.length).toBeGreaterThan(0);
        expect(refused).toBe(false);
      }
    }),
  );
});

test('whoever may send as an alias gets all of its mail', () => {
  fc.assert(
    fc.property(systemsWithoutCycles, (system) => {
      const routeTo = routerOf(system);
      for (const [address, users] of senderAddresses(system)) {
        const reached = routeTo(anAddress(address));

        expect(users).toHaveLength(1);
        expect(reached.users.map(formatAddress)).toEqual(users);
        expect(reached.external).toEqual([]);
      }
    }),
  );
});
