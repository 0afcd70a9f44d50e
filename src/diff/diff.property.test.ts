import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Change, Resource } from '../model/plan.ts';
import { stateHash } from './canonical.ts';
import { diff } from './diff.ts';
import { aDomain, aFile, anAlias, aPort, aState, aUser, noOptions } from './example-state.ts';
import { planJson } from './format/json.ts';
import { readPlan } from './read-plan.ts';

const domain = fc.constantFrom('a.org', 'b.org', 'c.org');
const address = fc
  .tuple(fc.constantFrom('amy', 'bob', 'eve', 'postmaster'), domain)
  .map(([localpart, name]) => `${localpart}@${name}`);
const addresses = fc.uniqueArray(address, { maxLength: 3 }).map((list) => list.sort());

const resource: fc.Arbitrary<Resource> = fc.oneof(
  fc.tuple(domain, addresses).map(([name, catchAll]) => aDomain(name, { catchAll })),
  fc.tuple(domain, domain).map(([name, aliasOf]) => aDomain(name, { aliasOf })),
  fc
    .record({
      address,
      password: fc.constantFrom('{A}1', '{A}2'),
      quota: fc.constantFrom(null, 1024, 2048),
      enabled: fc.boolean(),
      sendAs: addresses,
      movedFrom: fc.option(address),
    })
    .map(({ address: name, ...rest }) => aUser(name, rest)),
  fc
    .tuple(address, fc.uniqueArray(address, { minLength: 1, maxLength: 3 }))
    .map(([name, to]) => anAlias(name, to.sort())),
  fc
    .tuple(fc.constantFrom('postfix/main.cf', 'systemd/a.service'), fc.string())
    .map(([path, text]) => aFile(path, text)),
  fc.constantFrom(25, 2525).map((port) => aPort('smtp', port)),
);

/** No two with one address. */
const side = fc.uniqueArray(resource, { maxLength: 14, selector: (one) => one.address });

test('a state against itself is an empty plan', () => {
  fc.assert(
    fc.property(side, (resources) => {
      const { changes, stateHash, desiredHash } = diff(aState(resources), aState(resources), noOptions);
      expect(changes).toEqual([]);
      expect(desiredHash).toBe(stateHash);
    }),
  );
});

test('the order of either side does not matter, down to the plan id', () => {
  const shuffled = (list: fc.Arbitrary<readonly Resource[]>) =>
    list.chain((resources) =>
      fc.tuple(
        fc.constant(resources),
        fc.shuffledSubarray([...resources], { minLength: resources.length, maxLength: resources.length }),
      ),
    );
  fc.assert(
    fc.property(shuffled(side), shuffled(side), ([live, otherLive], [desired, otherDesired]) => {
      const plan = diff(aState(desired), aState(live), noOptions);
      expect(diff(aState(otherDesired), aState(otherLive), noOptions)).toEqual(plan);
    }),
  );
});

test('doing what the plan says to the live side gives the desired side, and then there is nothing left', () => {
  fc.assert(
    fc.property(side, side, (live, desired) => {
      const { changes } = diff(aState(desired), aState(live), noOptions);
      const result = afterApplying(live, changes);
      expect(compared(result)).toEqual(compared(desired));
      expect(stateHash(aState(result))).toBe(stateHash(aState(desired)));
      expect(diff(aState(desired), aState(result), noOptions).changes).toEqual([]);
    }),
  );
});

test('no deletion of a user or a domain, and no other password, goes without its hazard', () => {
  fc.assert(
    fc.property(side, side, (live, desired) => {
      for (const { kind, action, hazards, before, after } of diff(aState(desired), aState(live), noOptions)
        .changes) {
        if (action === 'delete' && kind === 'user') expect(hazards).toContain('deletes-user');
        if (action === 'delete' && kind === 'domain') expect(hazards).toContain('deletes-domain');
        if (kind !== 'user' || before === null || after === null) continue;
        const differs =
          JSON.stringify(before.attributes.password) !== JSON.stringify(after.attributes.password);
        expect(hazards.includes('changes-password')).toBe(differs);
      }
    }),
  );
});

test('a saved plan reads back as a plan with the same id and the same JSON', () => {
  fc.assert(
    fc.property(side, side, (live, desired) => {
      const json = planJson(diff(aState(desired), aState(live), noOptions), '1.2.3');
      const { value } = readPlan(json, '1.2.3');
      expect(value && planJson(value, '1.2.3')).toBe(json);
    }),
  );
});

function afterApplying(live: readonly Resource[], changes: readonly Change[]): readonly Resource[] {
  const resources = new Map(live.map((one) => [one.address, one]));
  for (const { before, after } of changes) {
    if (before !== null) resources.delete(before.address);
    if (after !== null) resources.set(after.address, after);
  }
  return [...resources.values()];
}

function compared(resources: readonly Resource[]): readonly unknown[] {
  return resources.map((one) => JSON.stringify([one.address, one.attributes])).sort();
}
