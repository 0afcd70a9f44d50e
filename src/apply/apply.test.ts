// What becomes of an apply whose probes fail. Files are real; what runs by them is played, since what is tried here is
// who is blamed: test/e2e has the real services.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { aRecord } from '../../test/database/synchronised.ts';
import { anApply } from '../../test/support/an-apply.ts';
import { compileText } from '../../test/support/compile-text.ts';
import { smallMailYaml } from '../../test/support/small-mail-yaml.ts';
import { error } from '../diagnostics/diagnostic.ts';
import { diff } from '../diff/diff.ts';
import { desiredState } from '../diff/state.ts';
import { openHostTarget } from '../targets/host/host-target.ts';
import { type ApplyResult, apply } from './apply.ts';
import { readLive } from './read-live.ts';
import type { Runtime } from './runtime.ts';

const root = mkdtempSync(join(tmpdir(), 'mailc-apply-'));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const runtime: Runtime = {
  readContainers: async () => [],
  readUnits: async () => [],
  check: async () => [],
  startable: async () => [],
  act: async () => {},
};

/** Applies a mail.yaml; `finds` is what the probe of port 25 finds wrong with what is installed, null for nothing. */
async function applied(text: string, finds: (mainCf: string) => string | null): Promise<ApplyResult> {
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
    const wrong = finds(readFileSync(join(root, host.data, 'mailc/postfix/current/main.cf'), 'utf8'));
    return wrong === null ? [] : [error('probe-failed', null, wrong)];
  };
  const targets = { database: null, hosts: [{ ...files, runtime, probe }] };
  const desired = desiredState(compiled);
  const plan = diff(desired, (await readLive(targets, compiled)).state, {
    commit: aRecord.commit,
    dirty: false,
    deleteShare: system.guards.deleteShare,
    mail: { live: system.mail, desired: system.mail },
  });
  return apply({
    ...anApply(plan),
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
  expect(await applied(smallMailYaml, () => null)).toEqual({ outcome: 'done' });

  const result = await applied(changed, finds);

  if (result.outcome !== 'failed') throw new Error(result.outcome);
  expect(result.undone).toBe(true);
  expect(result.diagnostics).toHaveLength(1);
  if (hint === undefined) expect(result.diagnostics[0]?.hint ?? null).toBeNull();
  else expect(result.diagnostics[0]?.hint).toMatch(hint);
});
