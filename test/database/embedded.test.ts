// The embedded database as processes of their own see it: one at a time, nothing lost, a clean end.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockFolder } from '../../src/targets/database/folder-lock.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Below node_modules, where the packages that are not bundled are found.
const scripts = join(root, 'node_modules/.cache/mailc');
const program = join(scripts, `embedded-${process.pid}.mjs`);
const folder = mkdtempSync(join(tmpdir(), 'mailc-embedded-'));

/** Synchronises with one user; `stays` open then, or in the middle of another transaction. */
const source = `
import { connect } from './src/targets/database/connect.ts';
import { databaseTarget } from './src/targets/database/database-target.ts';
import { aMailSystem } from './test/support/a-mail-system.ts';
import { aRecord } from './test/database/synchronised.ts';
const [folder, user, stays] = process.argv.slice(2);
try {
  const connected = await connect({ kind: 'embedded', folder });
  const target = databaseTarget(connected);
  const before = await target.read();
  console.log('was: ' + before.rows.users.map(({ name }) => name).join());
  await target.sync({
    system: aMailSystem({ users: [user] }),
    before, mailPassword: null, record: aRecord, interrupted: new AbortController().signal,
  });
  if (stays) {
    await connected.session.query('BEGIN; DELETE FROM public.alias; DELETE FROM public.users');
    console.log('stays');
    await new Promise(() => setInterval(() => {}, 1000));
  }
  await target.close();
} catch (error) {
  console.log(error.diagnostics?.[0].code + ': ' + error.message);
  process.exitCode = 1;
}`;

beforeAll(async () => {
  mkdirSync(scripts, { recursive: true });
  await build({
    stdin: { contents: source, resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    outfile: program,
    logLevel: 'error',
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(program, { force: true });
});

async function run(name: string, user: string) {
  const child = spawn(process.execPath, [program, join(folder, name), user]);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { stdout, stderr, code };
}

/** A process that is in the middle of a transaction. */
async function stay(name: string, user: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, join(folder, name), user, 'stays']);
  let output = '';
  while (!output.includes('stays')) output += (await once(child.stdout, 'data')).join('');
  return child;
}

describe('an embedded database', { timeout: 180_000 }, () => {
  it('is made in a folder for its owner only, is found again, and lets each process end', async () => {
    expect(await run('first', 'bob@example.com')).toEqual({ stdout: 'was: \n', stderr: '', code: 0 });
    expect(statSync(join(folder, 'first')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(folder, 'first'))).toEqual(['data']);
    expect(await run('first', 'alice@example.com')).toEqual({ stdout: 'was: bob\n', stderr: '', code: 0 });
  });

  it('is for one process at a time, and free when that was killed, with all that it had committed', async () => {
    const first = await stay('second', 'bob@example.com');
    expect(await run('second', 'alice@example.com')).toEqual({
      stdout: `database-locked: embedded database in ${join(folder, 'second')}: process ${first.pid} has it open\n`,
      stderr: '',
      code: 1,
    });
    first.kill('SIGKILL');
    await once(first, 'exit');
    expect(await run('second', 'alice@example.com')).toMatchObject({ stdout: 'was: bob\n', code: 0 });
  });

  it('is not made where no folder can be', async () => {
    writeFileSync(join(folder, 'file'), '');
    expect(await run('file/below', 'bob@example.com')).toMatchObject({
      stdout: expect.stringMatching(/^database-unreachable: embedded database in \S+: ENOTDIR/),
      code: 1,
    });
  });
});

describe('the lock of a folder', () => {
  const locked = join(folder, 'locked');

  it('is had once, also within a process', async () => {
    mkdirSync(locked);
    const first = await lockFolder(locked);
    expect(await lockFolder(locked)).toEqual({ heldBy: process.pid });
    if ('release' in first) first.release();
    const second = await lockFolder(locked);
    expect(second).toHaveProperty('release');
    if ('release' in second) second.release();
    expect(readdirSync(locked)).toEqual([]);
  });

  it('is had by one of many who want it at once', async () => {
    const attempts = await Promise.all(Array.from({ length: 8 }, () => lockFolder(locked)));
    const holders = attempts.flatMap((attempt) => ('release' in attempt ? [attempt] : []));
    expect(holders.length).toBeLessThanOrEqual(1);
    for (const { release } of holders) release();
  });

  it('is not kept by a process that has ended, even if another has its number now', async () => {
    writeFileSync(join(locked, 'lock.1.a'), JSON.stringify({ pid: 1, started: '0' }));
    writeFileSync(join(locked, 'lock.4194304.b'), JSON.stringify({ pid: 4194304, started: '1' }));
    const lock = await lockFolder(locked);
    expect(lock).toHaveProperty('release');
    if ('release' in lock) lock.release();
    expect(readdirSync(locked)).toEqual([]);
  });
});
