/**
 * An apply that is killed, cut off from its database or out of disk space at each of its side effects in turn: no
 * half-written file is ever visible, rows are the former or the new ones, and the next apply converges.
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresServers } from '../database/servers.ts';
import { brokenFiles, currentGenerations } from '../support/generations.ts';
import { type Run, runMailc } from '../support/run-mailc.ts';
import { bobsHash, smallMailYaml } from '../support/small-mail-yaml.ts';

const breakAt = fileURLToPath(new URL('../support/break-at.cjs', import.meta.url));
const server = postgresServers()[0];

describe.skipIf(server === undefined)('an apply that is broken off at any of its effects', () => {
  const top = mkdtempSync(join(tmpdir(), 'mailc-crash-'));
  const folder = join(top, 'source');
  const files = join(top, 'host/srv/mail/mailc');
  let url = '';
  let drop = async (): Promise<void> => {};
  let changes = 0;

  /** Another line of Amavis' files, and another user. */
  const change = (): void => {
    changes += 1;
    const head = smallMailYaml.replace(
      'aliases:\n',
      `  u${changes}@example.com: { password: "${bobsHash}" }\naliases:\n`,
    );
    writeFileSync(join(folder, 'mail.yaml'), `${head}spam: { tag_level: ${wantedLevel()} }\n`);
    execFileSync('git', ['commit', '--quiet', '--all', '--message', 'Change'], { cwd: folder });
  };

  const apply = (broken: Readonly<Record<string, string>> = {}): Promise<Run> =>
    runMailc(['apply', '--database', url, '--root', '../host', '--yes', '--allow', 'deletes-user'], folder, {
      environment: broken.BREAK_LOG === undefined ? {} : { NODE_OPTIONS: `--require ${breakAt}`, ...broken },
    });

  const users = async (): Promise<string> => {
    const client = new pg.Client(url);
    await client.connect();
    try {
      const { rows } = await client.query('SELECT name FROM public.users ORDER BY name');
      return rows.map(({ name }: { readonly name: string }) => name).join(' ');
    } finally {
      await client.end();
    }
  };

  const wantedLevel = (): string => (changes % 2 === 0 ? '2' : '3');

  /** As Amavis would read it. */
  const tagLevel = (): string | undefined =>
    /sa_tag_level_deflt\s*=\s*([0-9.]+)/.exec(
      readFileSync(join(files, 'amavis/current/amavisd.conf'), 'utf8'),
    )?.[1];

  /** The number and the name of each effect that an apply of one change has. */
  const effects = async (): Promise<readonly string[]> => {
    const log = join(top, 'effects');
    change();
    const run = await apply({ BREAK_LOG: log });
    expect(run.code, run.stderr).toBe(0);
    const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean);
    rmSync(log);
    return lines;
  };

  const expectToConverge = async (after: string): Promise<void> => {
    let run = await apply();
    // The server may need a moment to see that the one that was killed has gone.
    for (let tries = 0; run.code === 6 && tries < 40; tries++) {
      await sleep(100);
      run = await apply();
    }
    expect(run.code, `${after}: ${run.stderr}`).toBe(0);
    expect(run.stderr, after).not.toContain('error');
    expect(await users(), after).toContain(`u${changes}`);
    expect(tagLevel(), after).toBe(wantedLevel());
    expect(brokenFiles(files), after).toEqual([]);
  };

  beforeAll(async () => {
    const database = await server?.createDatabase();
    url = database?.url ?? '';
    drop = async () => database?.drop();
    mkdirSync(folder);
    writeFileSync(join(folder, 'mail.yaml'), smallMailYaml);
    execFileSync('git', ['init', '--quiet'], { cwd: folder });
    execFileSync('git', ['add', '.'], { cwd: folder });
    change();
    await expectToConverge('the first apply');
  });

  afterAll(async () => {
    await drop();
    rmSync(top, { recursive: true, force: true });
  });

  test.each([
    // 1: before there was a plan; 0: after everything was done.
    ['kill', /./, [null]],
    ['drop', / statement /, [0, 1, 6, 7]],
    ['full', / (open|writeFile|mkdir|symlink) /, [7]],
  ] as const)('%s', { timeout: 600_000 }, async (how, which, codes) => {
    const lines = (await effects()).filter((line) => which.test(line));
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) {
      const before = { users: await users(), current: currentGenerations(files) };
      change();
      const run = await apply({
        BREAK_LOG: join(top, 'log'),
        BREAK_AT: line.split(' ')[0] ?? '',
        BREAK_HOW: how,
      });
      expect(codes, `${how} at ${line}: ${run.stdout}${run.stderr}`).toContain(run.code);
      expect(run.stderr).not.toMatch(/\n\s+at /);
      expect(brokenFiles(files), line).toEqual([]);
      expect([before.users, `alice bob u${changes}`], line).toContain(await users());
      if (run.code === 7) {
        expect(run.stderr, line).toMatch(/everything is as it was before|not all of it could be undone/);
      }
      if (run.stderr.includes('as it was before')) {
        expect({ users: await users(), current: currentGenerations(files) }, line).toEqual(before);
      }
      await expectToConverge(`${how} at ${line}`);
    }
    const plan = await runMailc(['plan', '--database', url, '--root', '../host'], folder);
    expect(plan).toEqual({ code: 0, stdout: 'No changes.\n', stderr: '' });
  });
});
