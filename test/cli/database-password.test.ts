/** Postfix and Dovecot log in with the password in their files, so it must be the database's at every time. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { verifies } from '../../src/targets/database/scram-verifier.ts';
import { type ADatabase, describeServers } from '../database/databases.ts';
import { aFolder } from '../support/run-mailc.ts';
import { smallMailYaml } from '../support/small-mail-yaml.ts';

describeServers('the password of the mail role', (kind) => {
  test('is set once there are files with it, and again when the host has lost it', async () => {
    const database = await kind.create();
    const folder = await aFolder({ 'mail.yaml': `${smallMailYaml}database: { role: ${database.role} }\n` });
    const root = mkdtempSync(join(tmpdir(), 'mailc-host-'));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const both = ['--database', database.url ?? '', '--root', root];
    const secret = join(root, `srv/mail/mailc/secrets/database.${database.role}.password`);

    // The database first, which has no host to make a password on.
    expect((await folder.mailc(['apply', '--database', database.url ?? '', '--yes'])).code).toBe(0);
    expect(await verifier(database)).toBe('');
    expect((await folder.mailc(['apply', ...both, '--yes'])).code).toBe(0);
    expect(verifies(await verifier(database), readFileSync(secret, 'utf8'))).toBe(true);

    rmSync(secret);
    expect((await folder.mailc(['plan', ...both])).stdout).toContain('pgpass');
    expect((await folder.mailc(['apply', ...both, '--yes'])).code).toBe(0);
    const password = readFileSync(secret, 'utf8');
    expect(readFileSync(join(root, 'srv/mail/mailc/postfix/current/pgpass'), 'utf8')).toContain(password);
    expect(verifies(await verifier(database), password)).toBe(true);
    expect((await folder.mailc(['plan', ...both])).stdout).toBe('No changes.\n');
  });
});

async function verifier({ query, role }: ADatabase): Promise<string> {
  const rows = await query(
    `SELECT coalesce(rolpassword, '') AS stored FROM pg_authid WHERE rolname = '${role}'`,
  );
  return String(rows[0]?.stored);
}
