// What a real Dovecot 2.4 answers while PostgreSQL is away, and when it is back.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeReal } from '../../test/debian/debian13.ts';
import { aMailSystem } from '../../test/support/a-mail-system.ts';
import { type RunningDovecot, secretHash, startDovecot } from './running-dovecot.ts';

const user = (address: string) => ({ address, passwordHash: secretHash });
const system = aMailSystem({
  hosts: [{ name: 'mail.example.com', tls: { certificate: '/srv/tls/chain.pem', key: '/srv/tls/key.pem' } }],
  domains: ['example.com'],
  users: [user('alice@example.com'), user('bob@example.com')],
});
const message = 'From: ann@elsewhere.org\\nTo: alice@example.com\\nSubject: x\\n\\nHello.\\n';

describeReal('Dovecot without its database', (debian) => {
  let dovecot: RunningDovecot;
  beforeAll(async () => {
    dovecot = await startDovecot(debian, system);
    // A worker that had a connection, among others that never had one.
    expect(await dovecot.authenticate('bob@example.com', 'secret')).toMatch(/^OK\t/);
    await dovecot.shell('stop_database');
  });
  afterAll(() => dovecot?.stop());

  it('refuses logins for now, but not before Postfix, which would call it a wrong password, has given up', async () => {
    const asked = Date.now();
    expect(await dovecot.authenticate('bob@example.com', 'secret')).toMatch(/^FAIL\t1\t.*code=temp_fail/);
    // Its AUTH_TIMEOUT (xsasl_dovecot_server.c) is ten seconds.
    expect(Date.now() - asked).toBeGreaterThan(10_000);
    expect(await dovecot.imap('bob@example.com', [])).toContain('t NO [UNAVAILABLE]');
  });

  it('leaves mail with Postfix', async () => {
    expect(await dovecot.deliver('alice@example.com', message)).toMatch(/^451 4\.3\.0 /);
  });

  it('lists no users rather than some', async () => {
    const listed = await dovecot.shell(
      "in_container doveadm -c /etc/mailc/current/dovecot.conf user '*' 2>&1",
    );
    expect(listed).toContain('user listing failed');
  });

  it('lets in who waits when it is back', async () => {
    await dovecot.shell('(sleep 2; start_database) >/dev/null 2>&1 &');
    expect(await dovecot.authenticate('alice@example.com', 'secret')).toMatch(/^OK\t/);
    expect(await dovecot.deliver('alice@example.com', message)).toContain('Saved');
  });
});
