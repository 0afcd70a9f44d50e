// What becomes of an apply behind the switch: its probes fail, it is interrupted, it cannot be taken back. Files are
// real; what runs by them is played, since what is tried here is what is said of it: test/e2e has the real services.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { aRecord } from '../../test/database/synchronised.ts';
import { anApply } from '../../test/support/an-apply.ts';
import { compileText } from '../../test/support/compile-text.ts';
import { currentGenerations } from '../../test/support/generations.ts';
import { smallMailYaml } from '../../test/support/small-mail-yaml.ts';
import { error } from '../diagnostics/diagnostic.ts';
import { diff } from '../diff/diff.ts';
import { desiredState } from '../diff/state.ts';
import { openHostTarget } from '../targets/host/host-target.ts';
import { type ApplyResult, apply } from './apply.ts';
import { readLive } from './read-live.ts';
import type { Runtime, RuntimeAction } from './runtime.ts';

const root = mkdtempSync(join(tmpdir(), 'mailc-apply-'));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const quiet: Runtime = {
  readContainers: async () => [],
  readUnits: async () => [],
  check: async () => [],
  startable: async () => [],
  act: async () => {},
};

interface Played {
  /** What the probe of port 25 finds wrong with what is installed, null for nothing. */
  readonly finds?: (mainCf: string) => string | null;
  readonly act?: Runtime['act'];
  readonly interrupted?: AbortSignal;
}

const hostFolder = join(root, 'srv/mail');

/** Applies a mail.yaml. */
async function applied(text: string, played: Played = {}): Promise<ApplyResult> {
  const compiled = (await compileText(text)).value;
  const host = compiled?.system.hosts[0];
  if (compiled === null || host === undefined) throw new Error('not a mail.yaml');
  const { system } = compiled;
  const files = openHostTarget({
    host: host.name,
    root,
    data: host.data,
    secrets: system.secrets,
    environment: {},
  });
  const probe = async () => {
    const wrong =
      played.finds?.(readFileSync(join(hostFolder, 'mailc/postfix/current/main.cf'), 'utf8')) ?? null;
    return wrong === null ? [] : [error('probe-failed', null, wrong)];
  };
  const runtime = { ...quiet, act: played.act ?? quiet.act };
  const targets = { database: null, hosts: [{ ...files, runtime, probe }] };
  const desired = desiredState(compiled);
  const plan = diff(desired, (await readLive(targets, compiled)).state, {
    commit: aRecord.commit,
    dirty: false,
    deleteShare: system.guards.deleteShare,
    mail: { live: system.mail, desired: system.mail },
  });
  const request = anApply(plan);
  return apply({
    ...request,
    interrupted: played.interrupted ?? request.interrupted,
    compiled,
    desired,
    targets,
  });
}

const changed = `${smallMailYaml}mail: { message_size: 30MB }\n`;

it.each([
  {
    why: 'the change brought it',
    finds: (mainCf: string) => (mainCf.includes('31457280') ? 'smtp: no' : null),
    hint: undefined,
  },
  {
    why: 'it is there without the change too',
    finds: () => 'smtp: the certificate has expired',
    hint: /fails without this change too/,
  },
])('a probe that fails takes the change back, and says whether $why', async ({ finds, hint }) => {
  expect(await applied(smallMailYaml)).toEqual({ outcome: 'done' });

  const result = await applied(changed, { finds });

  if (result.outcome !== 'failed') throw new Error(result.outcome);
  expect(result.undone).toBe(true);
  expect(result.diagnostics).toHaveLength(1);
  if (hint === undefined) expect(result.diagnostics[0]?.hint ?? null).toBeNull();
  else expect(result.diagnostics[0]?.hint).toMatch(hint);
});

it('an apply that is interrupted while services take notice keeps what is applied, and names what is left', async () => {
  await applied(smallMailYaml);
  const interruption = new AbortController();
  const act = async (action: RuntimeAction): Promise<void> => {
    if ('container' in action && action.container.name === 'dovecot') interruption.abort();
  };

  const result = await applied(changed, { act, interrupted: interruption.signal });

  expect(result).toMatchObject({ outcome: 'interrupted', applied: true });
  const { left } = result as { readonly left: readonly string[] };
  expect(left).toContain('start postfix');
  expect(left).not.toContain('start dovecot');
  expect(currentGenerations(join(hostFolder, 'mailc'))).toMatchObject({ postfix: '2' });
});

it('an apply that is interrupted while the listeners are tried says that all is applied', async () => {
  await applied(smallMailYaml);
  const interruption = new AbortController();
  const finds = (): null => {
    interruption.abort();
    return null;
  };

  const result = await applied(changed, { finds, interrupted: interruption.signal });

  expect(result).toEqual({ outcome: 'interrupted', applied: true, left: [] });
  expect(currentGenerations(join(hostFolder, 'mailc'))).toMatchObject({ postfix: '2' });
  expect(existsSync(join(hostFolder, 'mailc/journal'))).toBe(false);
});

it('an apply that is interrupted before the switch changes nothing', async () => {
  await applied(smallMailYaml);
  const before = currentGenerations(join(hostFolder, 'mailc'));

  const result = await applied(changed, { interrupted: AbortSignal.abort() });

  expect(result).toEqual({ outcome: 'interrupted', applied: false, left: [] });
  expect(currentGenerations(join(hostFolder, 'mailc'))).toEqual(before);
});

it('an apply that cannot be taken back says so, and leaves a journal by which the next one has every service notice', async () => {
  await applied(smallMailYaml);
  const act = async (action: RuntimeAction): Promise<void> => {
    if ('container' in action) throw new Error('no Docker daemon answers');
  };

  const result = await applied(changed, { act });

  expect(result).toMatchObject({ outcome: 'failed', undone: false });
  const journal = JSON.parse(readFileSync(join(hostFolder, 'mailc/journal'), 'utf8'));
  expect(journal.pending).toMatchObject({ dovecot: 'start', postfix: 'start' });
});
