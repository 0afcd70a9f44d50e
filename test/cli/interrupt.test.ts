/** An apply that is stopped in the middle: politely it takes everything back, and whatever happens the next one converges. */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { type ADatabase, describeServers } from '../database/databases.ts';
import { allGenerations, brokenFiles, currentGenerations } from '../support/generations.ts';
import { aFolder, type Folder, type Run } from '../support/run-mailc.ts';
import { bobsHash, smallMailYaml } from '../support/small-mail-yaml.ts';

describeServers('an apply', (kind) => {
  test('that gets SIGINT or SIGTERM changes nothing, says so, and exits 130', async () => {
    const installation = await anInstallation(await kind.create());
    await installation.change();
    const before = await installation.state();
    const lock = await installation.holdRows();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const run = await installation.apply({
        onStart: (child) => void installation.killWaiting(child, signal),
      });
      expect(run.code).toBe(130);
      expect(run.stderr).toMatch(/^interrupted: nothing was changed\n$/m);
    }
    await lock.release();
    expect(await installation.state()).toEqual(before);
    await expectToConverge(installation);
  });

  test('that is killed while the rows wait leaves the files as they were, and the next one converges', async () => {
    const installation = await anInstallation(await kind.create());
    await installation.change();
    const before = await installation.state();
    const lock = await installation.holdRows();
    const run = await installation.apply({
      onStart: (child) => void installation.killWaiting(child, 'SIGKILL'),
    });
    expect(run.code).toBeNull();
    await lock.release();
    const { generations, ...live } = await installation.state();
    expect(live).toEqual({ current: before.current, users: before.users });
    expect(generations).not.toEqual(before.generations);
    await expectToConverge(installation);
    // What the killed one had staged is gone.
    const { generations: after } = await installation.state();
    for (const [unit, numbers] of Object.entries(after)) expect(numbers.length, unit).toBeLessThanOrEqual(2);
  });

  test('that is killed at any time converges, and nobody ever sees half a file', {
    timeout: 170_000,
  }, async () => {
    const installation = await anInstallation(await kind.create());
    const start = performance.now();
    await installation.change();
    await expectToConverge(installation);
    const duration = (performance.now() - start) / 2;
    let killed = 0;
    for (const share of [0.4, 0.6, 0.75, 0.9]) {
      await installation.change();
      const watch = watchFiles(installation.files);
      const run = await installation.apply({
        onStart: (child) => void sleep(duration * share).then(() => child.kill('SIGKILL')),
      });
      if (run.code === null) killed++;
      expect(brokenFiles(installation.files)).toEqual([]);
      await expectToConverge(installation);
      expect(await watch.stop()).toEqual([]);
    }
    expect(killed).toBeGreaterThan(0);
  });
});

async function expectToConverge(installation: Installation): Promise<void> {
  let run = await installation.apply();
  // The server may need a moment to see that the one that was killed has gone.
  for (let tries = 0; run.code === 6 && tries < 20; tries++) {
    await sleep(250);
    run = await installation.apply();
  }
  expect(run.stderr).not.toContain('error');
  expect(run.code).toBe(0);
  expect(await installation.plan()).toEqual({ code: 0, stdout: 'No changes.\n', stderr: '' });
  expect(brokenFiles(installation.files)).toEqual([]);
}

/** Looks through `current` over and over; gives what was ever broken. */
function watchFiles(files: string): { readonly stop: () => Promise<readonly string[]> } {
  const broken = new Set<string>();
  let watching = true;
  const watched = (async () => {
    while (watching) {
      for (const file of brokenFiles(files)) broken.add(file);
      await sleep(5);
    }
  })();
  return {
    stop: async () => {
      watching = false;
      await watched;
      return [...broken];
    },
  };
}

interface Installation {
  /** DATA/mailc. */
  readonly files: string;
  /** Makes mail.yaml another one, in rows and in files, and commits it. */
  readonly change: () => Promise<void>;
  readonly apply: (options?: Parameters<Folder['mailc']>[1]) => Promise<Run>;
  readonly plan: () => Promise<Run>;
  readonly state: () => Promise<{
    readonly current: unknown;
    readonly generations: Readonly<Record<string, readonly number[]>>;
    readonly users: unknown;
  }>;
  /** Keeps every apply waiting before its rows, when its files are staged already. */
  readonly holdRows: () => Promise<{ readonly release: () => Promise<void> }>;
  readonly killWaiting: (child: ChildProcess, signal: NodeJS.Signals) => Promise<void>;
}

async function anInstallation(database: ADatabase): Promise<Installation> {
  const url = database.url ?? '';
  let changes = 0;
  const mailYaml = () => {
    const users = Array.from(
      { length: 50 },
      (_, n) => `  user${n}.${changes}@example.com: { password: "${bobsHash}" }\n`,
    );
    const head = `${smallMailYaml}database: { role: ${database.role} }\nmail: { message_size: ${10 + changes}MB }\n`;
    return head.replace('aliases:\n', `${users.join('')}aliases:\n`);
  };
  const folder = await aFolder({ 'mail.yaml': mailYaml() });
  const root = mkdtempSync(join(tmpdir(), 'mailc-host-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const live = ['--database', url, '--root', root];
  const allowed = ['--allow', 'deletes-user,deletes-many'];
  const installation: Installation = {
    files: join(root, 'srv/mail/mailc'),
    change: async () => {
      changes += 1;
      folder.write({ 'mail.yaml': mailYaml() });
      await folder.commit();
    },
    apply: (options) => folder.mailc(['apply', ...live, '--yes', ...allowed], options),
    plan: () => folder.mailc(['plan', ...live]),
    state: async () => ({
      current: currentGenerations(installation.files),
      generations: allGenerations(installation.files),
      users: await database.query('SELECT name, domain, quota FROM public.users ORDER BY name, domain'),
    }),
    holdRows: async () => {
      const client = new pg.Client(url);
      await client.connect();
      onTestFinished(() => client.end().catch(() => {}));
      await client.query('BEGIN; LOCK TABLE public.users IN ROW EXCLUSIVE MODE');
      return { release: () => client.end() };
    },
    killWaiting: async (child, signal) => {
      const waiting = `SELECT 1 AS one FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'mailc' AND wait_event_type = 'Lock'`;
      while (child.exitCode === null && (await database.query(waiting)).length === 0) await sleep(20);
      child.kill(signal);
    },
  };
  await expectToConverge(installation);
  return installation;
}
