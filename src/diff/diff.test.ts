import { expect, test } from 'vitest';
import type { Resource } from '../model/plan.ts';
import { diff } from './diff.ts';
import { aDomain, aFile, anAlias, aPort, aState, aUser, mailYaml, noOptions } from './example-state.ts';

const plan = (live: readonly Resource[], desired: readonly Resource[], options: object = {}) =>
  diff(aState(desired), aState(live), { ...noOptions, ...options });

const hazardIds = (live: readonly Resource[], desired: readonly Resource[]) => {
  const { changes, hazards } = plan(live, desired);
  return [
    ...new Set([...changes.flatMap((change) => change.hazards), ...hazards.map((one) => one.id)]),
  ].sort();
};

const example = [aDomain('example.com'), aUser('bob@example.com'), aUser('eve@example.com')];

test('equal states give an empty plan, whatever the source positions are', () => {
  const live = [aDomain('example.com'), aUser('bob@example.com')];
  const desired = [
    aDomain('example.com', { source: mailYaml(3) }),
    aUser('bob@example.com', { source: mailYaml(5) }),
  ];
  expect(plan(live, desired)).toMatchObject({ changes: [], hazards: [], consequences: [] });
});

test('a plan is empty exactly when the two hashes are equal', () => {
  const same = plan(example, example);
  expect(same.stateHash).toBe(same.desiredHash);
  const other = plan(example, [...example, aUser('new@example.com')]);
  expect(other.stateHash).not.toBe(other.desiredHash);
});

test('deletes come first, then creates, then updates, each by address', () => {
  const live = [aUser('gone@a.org'), aUser('bob@a.org'), aUser('away@a.org')];
  const desired = [aUser('new@a.org'), aUser('bob@a.org', { quota: 1 }), aUser('abc@a.org')];
  expect(plan(live, desired).changes.map((change) => `${change.action} ${change.address}`)).toEqual([
    'delete user/away@a.org',
    'delete user/gone@a.org',
    'create user/abc@a.org',
    'create user/new@a.org',
    'update user/bob@a.org',
  ]);
});

test('the order of addresses in a list means nothing', () => {
  const list = ['x@b.org', 'y@a.org'];
  const side = (addresses: readonly string[]) => [
    aDomain('a.org', { catchAll: addresses }),
    aUser('bob@a.org', { sendAs: addresses }),
    anAlias('all@a.org', addresses),
  ];
  expect(plan(side(list), side(list.toReversed())).changes).toEqual([]);
});

test('a change names its line in mail.yaml', () => {
  const [change] = plan([], [aDomain('example.com', { source: mailYaml(12, 3) })]).changes;
  expect(change).toMatchObject({
    reason: 'added-in-source',
    source: { file: 'mail.yaml', line: 12, column: 3 },
  });
});

test('a kind that one side cannot see is not compared', () => {
  const live = aState([aDomain('example.com')], ['domain', 'user', 'alias']);
  const desired = aState([aDomain('example.com'), aFile('postfix/main.cf', 'x'), aPort('smtp', 25)]);
  expect(diff(desired, live, noOptions).changes).toEqual([]);
});

test('a file keeps the effect of its artifact; of a file that goes, the live side knows it', () => {
  const live = [aFile('postfix/old.cf', 'a', 'restart')];
  const desired = [aFile('postfix/main.cf', 'b', 'reload')];
  expect(plan(live, desired).changes.map((change) => change.effect)).toEqual(['restart', 'reload']);
});

test('four times the users take about four times as long', () => {
  const seconds = (count: number): number => {
    const users = (quota: number) =>
      aState(Array.from({ length: count }, (_, index) => aUser(`user${index}@example.com`, { quota })));
    const [live, desired] = [users(1), users(2)];
    const start = process.cpuUsage();
    expect(diff(desired, live, noOptions).changes).toHaveLength(count);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1e6;
  };
  seconds(5_000);
  // Quadratic would be 16; what is left above 4 is the garbage collector on a busy machine.
  expect(seconds(20_000) / seconds(5_000)).toBeLessThan(10);
});

// moved_from

test('a user that moves is one update, and nothing is deleted', () => {
  const live = [aDomain('a.org'), aUser('old@a.org')];
  const desired = [aDomain('a.org'), aUser('new@a.org', { movedFrom: 'old@a.org' })];
  expect(plan(live, desired).changes).toMatchObject([
    {
      address: 'user/new@a.org',
      action: 'update',
      reason: 'moved-in-source',
      hazards: [],
      before: { address: 'user/old@a.org' },
      after: { address: 'user/new@a.org' },
    },
  ]);
});

test('moved_from may stay in mail.yaml after the move', () => {
  const live = [aDomain('a.org'), aUser('new@a.org')];
  const desired = [aDomain('a.org'), aUser('new@a.org', { movedFrom: 'old@a.org' })];
  expect(plan(live, desired).changes).toEqual([]);
});

test('nothing moves from an address that mail.yaml still has', () => {
  const live = [aUser('old@a.org')];
  const desired = [aUser('old@a.org'), aUser('new@a.org', { movedFrom: 'old@a.org' })];
  expect(plan(live, desired).changes).toMatchObject([{ action: 'create', address: 'user/new@a.org' }]);
});

test('where both addresses are live, the old one is a delete', () => {
  const live = [aUser('old@a.org'), aUser('new@a.org')];
  const desired = [aUser('new@a.org', { movedFrom: 'old@a.org' })];
  expect(plan(live, desired).changes).toMatchObject([{ action: 'delete', hazards: ['deletes-user'] }]);
});

test('a mailbox moves once: a second user that claims it is created', () => {
  const live = [aUser('old@a.org')];
  const desired = [
    aUser('b@a.org', { movedFrom: 'old@a.org' }),
    aUser('a@a.org', { movedFrom: 'old@a.org' }),
  ];
  expect(plan(live, desired).changes).toMatchObject([
    { action: 'create', address: 'user/b@a.org' },
    { action: 'update', address: 'user/a@a.org' },
  ]);
});

// Hazards

test('deleting one of three users is deletes-user and no more', () => {
  const live = [...example, aUser('amy@example.com')];
  expect(hazardIds(live, example)).toEqual(['deletes-user']);
});

test('deleting nine of nine users of a domain that stays is deletes-many', () => {
  const users = Array.from({ length: 9 }, (_, index) => aUser(`user${index}@a.org`));
  const { hazards } = plan([aDomain('a.org'), ...users], [aDomain('a.org')]);
  expect(hazards.map((hazard) => hazard.message)).toEqual([
    '9 of 9 users would be deleted (100 %, guarded from 10 %)',
    'a.org would be left without a user',
  ]);
});

test('deleting the only user there is is deletes-many', () => {
  expect(hazardIds([aDomain('a.org'), aUser('bob@a.org')], [aDomain('a.org')])).toContain('deletes-many');
});

test('the last user of a domain may be replaced by another', () => {
  const live = [aDomain('a.org'), aUser('bob@a.org'), aDomain('b.org'), aUser('bob@b.org')];
  const desired = [aDomain('a.org'), aUser('amy@a.org'), aDomain('b.org'), aUser('bob@b.org')];
  expect(hazardIds(live, desired)).toEqual(['deletes-user']);
});

test('the share is judged against what is live, not against the file', () => {
  const users = (count: number) => Array.from({ length: count }, (_, index) => aUser(`user${index}@a.org`));
  const domain = aDomain('a.org');
  expect(hazardIds([domain, ...users(40)], [domain, ...users(37)])).toEqual(['deletes-user']);
  expect(hazardIds([domain, ...users(40)], [domain, ...users(36)])).toEqual(['deletes-many', 'deletes-user']);
});

test('a whole domain is deletes-domain beside its users', () => {
  const live = [...example, aDomain('old.example'), aUser('bob@old.example')];
  expect(hazardIds(live, example)).toEqual(['deletes-domain', 'deletes-user']);
});

test('postmaster@ and abuse@ go with their domain', () => {
  const goes = [
    anAlias('postmaster@old.example', ['bob@example.com']),
    anAlias('abuse@old.example', ['bob@example.com']),
  ];
  expect(hazardIds([...example, aDomain('old.example'), ...goes], example)).toEqual(['deletes-domain']);
});

test('an alias that is deleted alone is deletes-alias, postmaster@ too', () => {
  expect(hazardIds([...example, anAlias('a@example.com', ['bob@example.com'])], example)).toEqual([
    'deletes-alias',
  ]);
  expect(hazardIds([...example, anAlias('postmaster@example.com', ['bob@example.com'])], example)).toEqual([
    'deletes-alias',
  ]);
});

test('another password is changes-password; another quota is nothing to be allowed', () => {
  expect(
    hazardIds([aUser('bob@a.org')], [aUser('bob@a.org', { password: '{SHA512-CRYPT}$6$other$x' })]),
  ).toEqual(['changes-password']);
  expect(hazardIds([aUser('bob@a.org')], [aUser('bob@a.org', { quota: 5 })])).toEqual([]);
});

test('on a host that runs, one more port of a reachable service is opens-port', () => {
  expect(hazardIds([aPort('imaps', 993)], [aPort('imaps', 993), aPort('imap', 143)])).toEqual(['opens-port']);
});

test('the first published port of a service on a host that runs is exposes-service as well', () => {
  expect(hazardIds([aPort('smtp', 25)], [aPort('smtp', 25), aPort('imaps', 993)])).toEqual([
    'exposes-service',
    'opens-port',
  ]);
});

test('the ports of a new host are what a new host is for', () => {
  expect(hazardIds(example, [...example, aPort('smtp', 25), aPort('imaps', 993)])).toEqual([]);
});

test('a port that moves to another number closes the one and opens the other', () => {
  expect(hazardIds([aPort('imap', 143)], [aPort('imap', 1143)])).toEqual(['closes-port', 'opens-port']);
});

test('a port that is no longer published is closes-port', () => {
  expect(hazardIds([aPort('imap', 143), aPort('imaps', 993)], [aPort('imaps', 993)])).toEqual([
    'closes-port',
  ]);
});

test('a source that no commit holds is not-committed, unless there is nothing to do', () => {
  const desired = [...example, aUser('new@example.com')];
  expect(plan(example, desired, { commit: null }).hazards).toEqual([
    { id: 'not-committed', message: 'the source is not in a commit' },
  ]);
  expect(plan(example, desired, { dirty: true }).hazards).toEqual([
    { id: 'not-committed', message: 'the source differs from commit 3f2c1ab00000' },
  ]);
  expect(plan(example, example, { commit: null }).hazards).toEqual([]);
});
