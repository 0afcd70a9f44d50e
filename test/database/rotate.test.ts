// A password that changes on a host and in the database at once: whatever happens in between, both agree in the end.

import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { verifies } from '../../src/targets/database/scram-verifier.ts';
import { aFolder, type Run, runMailc } from '../support/run-mailc.ts';
import { smallMailYaml } from '../support/small-mail-yaml.ts';
import { describePostgres, type PostgresServer } from './servers.ts';

async function anInstallation(server: PostgresServer) {
  const role = `mail_${randomBytes(4).toString('hex')}`;
  const database = await server.createDatabase();
  const admin = new pg.Client(database.url);
  await admin.connect();
  const folder = await aFolder({ 'source/mail.yaml': `${smallMailYaml}database: { role: ${role} }\n` });
  const data = join(folder.path, 'rotating-host/srv/mail/mailc');
  const at = ['--root', '../rotating-host', '--database', database.url] as const;
  onTestFinished(async () => {
    await admin.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    await admin.end();
    await database.drop();
  });
  const installation = {
    name: `database.${role}.password`,
    data,
    mailc: (...words: readonly string[]): Promise<Run> =>
      runMailc([...words, ...at], join(folder.path, 'source')),
    secret: (name: string): string => readFileSync(join(data, 'secrets', name), 'utf8'),
    installed: (): string => readFileSync(join(data, 'postfix/current/pgpass'), 'utf8'),
    /** Whether the role can log in with the password. */
    accepts: async (one: string, password: string): Promise<boolean> => {
      const { rows } = await admin.query('SELECT rolpassword FROM pg_authid WHERE rolname = $1', [one]);
      return verifies(String(rows[0]?.rolpassword), password);
    },
    role,
  };
  expect((await installation.mailc('apply', '--yes')).code).toBe(0);
  return installation;
}

describePostgres('rotating the password of a role', (server) => {
  it('changes the secret, the files and the role, and then nothing is left to do', async () => {
    const { name, role, mailc, secret, installed, accepts } = await anInstallation(server);
    const former = secret(name);
    const rotated = await mailc('rotate', name, '--yes');
    expect(rotated.stdout).toMatch(/~ update file .*postfix\/pgpass +content changed/);
    expect(rotated.stderr).toContain(
      `${name} gets another value, in the files above, and of the role ${role}`,
    );
    expect(rotated.code).toBe(0);
    const value = secret(name);
    expect(value).not.toBe(former);
    expect(rotated.stdout + rotated.stderr).not.toContain(value);
    expect(installed()).toContain(value);
    expect(await accepts(role, value)).toBe(true);
    expect((await mailc('plan')).stdout).toBe('No changes.\n');
  });

  it("is done for the superuser's too", async () => {
    const { mailc, secret, accepts } = await anInstallation(server);
    expect(await mailc('rotate', 'database.postgres.password', '--yes')).toMatchObject({ code: 0 });
    expect(await accepts('postgres', secret('database.postgres.password'))).toBe(true);
  });

  it('is finished by the next apply where the first one was killed with the new value on disk', async () => {
    const { name, role, data, mailc, secret, installed, accepts } = await anInstallation(server);
    const value = 'B'.repeat(32);
    writeFileSync(join(data, 'secrets', name), value);
    expect((await mailc('apply', '--yes')).code).toBe(0);
    expect(secret(name)).toBe(value);
    expect(installed()).toContain(value);
    expect(await accepts(role, value)).toBe(true);
    expect((await mailc('plan')).stdout).toBe('No changes.\n');
  });

  it('is taken back, role and all, where something behind the commit fails', async () => {
    const { name, role, data, mailc, secret, installed, accepts } = await anInstallation(server);
    const former = secret(name);
    // In the way of the new link.
    const obstacle = join(data, 'postfix/current.new');
    mkdirSync(join(obstacle, 'x'), { recursive: true });
    const failed = await mailc('rotate', name, '--yes');
    expect(failed.code).toBe(7);
    expect(secret(name)).toBe(former);
    expect(await accepts(role, former)).toBe(true);
    rmSync(obstacle, { recursive: true });
    expect((await mailc('apply', '--yes')).code).toBe(0);
    expect(installed()).toContain(former);
    expect((await mailc('plan')).stdout).toBe('No changes.\n');
  });
});
