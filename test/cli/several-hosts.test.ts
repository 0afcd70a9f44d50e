/** What a plan and an apply on one host of several say of the others, which they can neither see nor change. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder, type Run, runMailc } from '../support/run-mailc.ts';
import { twoHostsMailYaml } from '../support/small-mail-yaml.ts';

async function twoMachines() {
  const folder = await aFolder({ 'source/mail.yaml': twoHostsMailYaml });
  const on =
    (host: 'mx' | 'store') =>
    (...words: readonly string[]): Promise<Run> =>
      runMailc(
        [...words, '--root', `../${host}`, '--host', `${host}.example.com`],
        join(folder.path, 'source'),
      );
  const commit = (mailYaml: string): Promise<string> => {
    folder.write({ 'source/mail.yaml': mailYaml });
    return folder.commit();
  };
  return { mx: on('mx'), store: on('store'), commit };
}

test('the first time a plan says which services are for which host', async () => {
  const { store } = await twoMachines();
  const { stdout } = await store('plan');
  expect(stdout).toContain('For other hosts to apply\n  mx.example.com: amavis, clamav, opendkim, postfix\n');
  const { stderr, code } = await store('apply', '--yes');
  expect(code).toBe(0);
  expect(stderr).toContain('mx.example.com has its own part to apply: amavis, clamav, opendkim, postfix.\n');
});

test('later it says what mail.yaml changed for them since the last apply on this host', async () => {
  const { store, commit } = await twoMachines();
  await store('apply', '--yes');
  expect((await store('plan')).stdout).toBe('No changes.\n');
  const changed = await commit(`${twoHostsMailYaml}spam: { tag_level: 3 }\n`);

  const since = 'since the last apply on this host, generation 1';
  expect((await store('plan')).stdout).toBe(
    `No changes.\n\nFor other hosts to apply, by what mail.yaml changed ${since}\n` +
      '  mx.example.com: 1 file, reload amavis\n',
  );
  const { elsewhere, commit: planned } = JSON.parse((await store('plan', '--format', 'json')).stdout);
  expect(planned).toBe(changed);
  expect(elsewhere).toEqual({
    since: {
      generation: 1,
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
      at: expect.stringMatching(/^\d{4}-.*Z$/),
    },
    parts: [
      {
        host: 'mx.example.com',
        services: ['amavis', 'clamav', 'opendkim', 'postfix'],
        changes: { file: 1 },
        effects: [{ service: 'amavis', action: 'reload' }],
      },
    ],
  });
  const lines = (await store('apply', '--yes', '--format', 'json')).stdout.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toContainEqual({
    event: 'note',
    message: `mx.example.com has its own part to apply: 1 file, reload amavis (${since}).`,
  });
});

test('a saved plan with a part for another host is applied like any other', async () => {
  const { store, commit } = await twoMachines();
  await store('apply', '--yes');
  await commit(`${twoHostsMailYaml}spam: { tag_level: 3 }\nmail: { message_size: 7MB }\n`);
  await store('plan', '-o', '../plan.json');
  const { code, stdout } = await store('apply', '../plan.json', '--yes');
  expect(code).toBe(0);
  expect(stdout).toContain('Applied: ');
  expect((await store('plan')).stdout).toBe('No changes.\n');
});
