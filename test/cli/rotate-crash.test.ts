/**
 * A rotation that is killed at each step of the way from the new value on disk to the last link: the next apply leaves
 * one value everywhere, the former or the new one, in the secret, in the files and in the database.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { verifies } from '../../src/targets/database/scram-verifier.ts';
import { postgresServers } from '../database/servers.ts';
import { aFolder, type Run, runMailc } from '../support/run-mailc.ts';
import { smallMailYaml } from '../support/small-mail-yaml.ts';

const breakAt = fileURLToPath(new URL('../support/break-at.cjs', import.meta.url));
const server = postgresServers()[0];

describe.skipIf(server === undefined)('a rotation that is killed at any of its effects', () => {
  test('is finished, or has never been', { timeout: 600_000 }, async () => {
    const database = await server?.createDatabase();
    const url = database?.url ?? '';
    const role = `mail_${process.pid}`;
    const name = `database.${role}.password`;
    const admin = new pg.Client(url);
    await admin.connect();
    onTestFinished(async () => {
      await admin.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
      await admin.end();
      await database?.drop();
    });
    const folder = await aFolder({ 'source/mail.yaml': `${smallMailYaml}database: { role: ${role} }\n` });
    const data = join(folder.path, 'crash-host/srv/mail/mailc');
    const log = join(mkdtempSync(join(folder.path, 'log-')), 'effects');
    const mailc = (
      words: readonly string[],
      environment: Readonly<Record<string, string>> = {},
    ): Promise<Run> =>
      runMailc([...words, '--root', '../crash-host', '--database', url], join(folder.path, 'source'), {
        environment,
      });
    const rotate = (broken: Readonly<Record<string, string>>): Promise<Run> =>
      mailc(['rotate', name, '--yes'], { NODE_OPTIONS: `--require ${breakAt}`, BREAK_LOG: log, ...broken });
    const secret = (): string => readFileSync(join(data, 'secrets', name), 'utf8');

    /** The server may need a moment to see that the one that was killed has gone. */
    const apply = async (): Promise<Run> => {
      for (let tries = 0; ; tries++) {
        const run = await mailc(['apply', '--yes']);
        if (run.code !== 6 || tries === 40) return run;
        await sleep(100);
      }
    };

    expect((await apply()).code).toBe(0);
    expect((await rotate({})).code).toBe(0);
    const effects = readFileSync(log, 'utf8').split('\n').filter(Boolean);
    expect(effects.some((line) => line.endsWith(`rename ${name}.new`))).toBe(true);
    expect(effects.some((line) => line.includes(' statement '))).toBe(true);

    // Before the new value is kept, an apply is like any other, which crash.test.ts breaks at every effect; and so is the
    // staging of single files.
    const kept = effects.findIndex((line) => line.endsWith(`rename ${name}.new`));
    const critical = effects
      .slice(Math.max(0, kept - 3))
      .filter((line) => line.includes(name) || / statement |current|journal/.test(line));
    expect(critical.length).toBeGreaterThan(10);

    const values = new Set<string>();
    for (const effect of critical) {
      rmSync(log, { force: true });
      const killed = await rotate({ BREAK_AT: effect.split(' ')[0] ?? '', BREAK_HOW: 'kill' });
      expect(killed.code, effect).toBe(null);
      const applied = await apply();
      expect(applied.code, `${effect}: ${applied.stderr}`).toBe(0);
      const value = secret();
      values.add(value);
      for (const file of ['dovecot/current/dovecot.conf', 'postfix/current/pgpass']) {
        expect(readFileSync(join(data, file), 'utf8').includes(value), `${effect}: ${file}`).toBe(true);
      }
      const { rows } = await admin.query('SELECT rolpassword FROM pg_authid WHERE rolname = $1', [role]);
      expect(verifies(String(rows[0]?.rolpassword), value), effect).toBe(true);
    }
    // Most were killed after the new value was kept.
    expect(values.size).toBeGreaterThan(critical.length / 2);
  });
});
