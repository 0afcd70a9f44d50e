import { expect, test } from 'vitest';
import type { Drift, Resource } from '../model/plan.ts';
import { resourceKinds } from '../model/plan.ts';
import { diff } from './diff.ts';
import { aDomain, aDrift, aFile, aState, aUser, noOptions } from './example-state.ts';
import { planJson } from './format/json.ts';
import { readPlan } from './read-plan.ts';

const a = aDomain('a.org');
const bob = aUser('bob@a.org');
const planFor = (desired: readonly Resource[], live: readonly Resource[], drift: Record<string, Drift>) =>
  diff(aState(desired), aState(live, resourceKinds, drift), noOptions);

test('what was changed by hand is put right, and mail.yaml is not the reason', () => {
  const disabled = aUser('bob@a.org', { enabled: false });
  const drift = { 'user/bob@a.org': aDrift(bob) };
  expect(planFor([a, bob], [a, disabled], drift).changes).toMatchObject([
    {
      action: 'update',
      reason: 'changed-outside',
      drift: { by: 'role eve', at: '2026-03-04T05:06:07.000Z' },
    },
  ]);
});

test('what was added by hand goes, and what was taken away comes back', () => {
  const eve = aUser('eve@a.org');
  const drift = { 'user/eve@a.org': aDrift(null), 'user/bob@a.org': aDrift(bob) };
  expect(planFor([a, bob], [a, eve], drift).changes).toMatchObject([
    { address: 'user/eve@a.org', action: 'delete', reason: 'changed-outside', hazards: ['deletes-user'] },
    { address: 'user/bob@a.org', action: 'create', reason: 'changed-outside' },
  ]);
});

test('where mail.yaml changes the same thing, it is the reason, and the drift is there beside it', () => {
  const drift = { 'file/mail.example.com/postfix/main.cf': aDrift(aFile('postfix/main.cf', 'a\n')) };
  const [change] = planFor(
    [aFile('postfix/main.cf', 'c\n')],
    [aFile('postfix/main.cf', 'b\n')],
    drift,
  ).changes;
  expect(change).toMatchObject({
    reason: 'changed-in-source',
    before: { attributes: { content: { text: 'b\n' } } },
    after: { attributes: { content: { text: 'c\n' } } },
    drift: { applied: { content: { text: 'a\n' } } },
  });
});

test('what was changed and changed back is no drift', () => {
  const larger = aUser('bob@a.org', { quota: 1024 });
  const [change] = planFor([a, larger], [a, bob], { 'user/bob@a.org': aDrift(bob) }).changes;
  expect(change).toMatchObject({ reason: 'changed-in-source', drift: null });
});

test('what was changed by hand to what mail.yaml asks for is no change', () => {
  const drift = { 'user/bob@a.org': aDrift(aUser('bob@a.org', { quota: 1024 })) };
  expect(planFor([a, bob], [a, bob], drift).changes).toEqual([]);
});

test('the same two states have the same hashes whoever made the difference, and another plan', () => {
  const live = [a, aUser('bob@a.org', { enabled: false })];
  const unexplained = planFor([a, bob], live, {});
  const explained = planFor([a, bob], live, { 'user/bob@a.org': aDrift(bob) });
  expect(explained.stateHash).toBe(unexplained.stateHash);
  expect(explained.planId).not.toBe(unexplained.planId);
});

test.each([
  ['another password', aUser('bob@a.org', { password: '{X}hand' })],
  ['the same password', aUser('bob@a.org', { quota: 1024 })],
])('a saved plan keeps the drift of a user with %s, and no hash', (_, live) => {
  const applied = aUser('bob@a.org', { password: '{X}applied' });
  const desired = aUser('bob@a.org', { password: '{X}desired' });
  const plan = planFor([a, desired], [a, live], { 'user/bob@a.org': aDrift(applied) });
  const saved = planJson(plan, '1.2.3');
  expect(saved).not.toContain('{X}');
  expect(readPlan(saved, '1.2.3')).toMatchObject({ value: { planId: plan.planId }, diagnostics: [] });
});
