// What happens in a real Dovecot 2.4 on a rendered configuration, with the views of a real PostgreSQL.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeReal } from '../../test/debian/debian13.ts';
import { aMailSystem } from '../../test/support/a-mail-system.ts';
import { type RunningDovecot, secretHash, startDovecot } from './running-dovecot.ts';

// Everything that RFC 5322 allows in a localpart and that a shell, SQL, or Dovecot's variables would act on.
const strange = "o'%{user}$home`id`#&*?^|/~!=-_x";

const user = (address: string) => ({ address, passwordHash: secretHash });
const system = aMailSystem({
  hosts: [{ name: 'mail.example.com', tls: { certificate: '/srv/tls/chain.pem', key: '/srv/tls/key.pem' } }],
  domains: ['example.com', { name: 'example.net', aliasOf: 'example.com' }],
  users: [
    user('alice@example.com'),
    { ...user('bob@example.com'), quota: 20_000 },
    { ...user('carol@example.com'), enabled: false },
    user(`${strange}@example.com`),
  ],
  aliases: { 'smith@example.com': ['bob@example.com'] },
  mail: { messageSize: 65_536, postmaster: { localpart: 'alice', domain: 'example.com' } },
});

const message = (subject: string, header = '') =>
  `From: ann@elsewhere.org\\nTo: alice@example.com\\nSubject: ${subject}\\n${header}\\nHello.\\n`;
const ofSize = (bytes: number) =>
  message('large').replace('Hello.', `${'x'.repeat(70)}\\n`.repeat(bytes / 72));

describeReal('a running Dovecot', (debian) => {
  let dovecot: RunningDovecot;
  beforeAll(async () => {
    dovecot = await startDovecot(debian, system);
  });
  afterAll(() => dovecot?.stop());

  /** Subjects in a folder, in order. */
  const subjects = async (name: string, folder: string): Promise<readonly string[]> => {
    const fetched = await dovecot.imap(name, [
      `t SELECT "${folder}"`,
      't FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT)])',
    ]);
    return [...fetched.matchAll(/^Subject: (.*)\r$/gm)].map(([, subject]) => subject ?? '');
  };

  it('needs no writable root file system', async () => {
    expect(await dovecot.shell('in_container touch /etc/x')).toContain('Read-only file system');
  });

  describe('logins', () => {
    it.each([143, 110])('are refused without TLS on port %i', async (port) => {
      const lines = port === 143 ? ['t LOGIN bob@example.com secret'] : ['USER bob@example.com'];
      expect(await dovecot.talk(port, lines)).toMatch(
        /NO \[PRIVACYREQUIRED\]|-ERR \[AUTH\] Cleartext authentication disallowed/,
      );
    });

    it('are not even offered without TLS by ManageSieve', async () => {
      expect(await dovecot.talk(4190, ['LOGOUT'])).toMatch(/"SASL" ""\r\n"STARTTLS"/);
    });

    it('work over TLS with the certificate of the host', async () => {
      expect(await dovecot.imap('bob@example.com', [])).toContain('t OK [CAPABILITY');
      expect(await dovecot.talk(995, ['USER bob@example.com', 'PASS secret', 'QUIT'])).toContain(
        '+OK Logged in.',
      );
    });

    it.each([
      ['bob@example.com'],
      ['BOB@Example.COM'],
      ['bob@example.net'],
      ['smith@example.com'],
      ['smith@example.net'],
    ])('as %s are known to Postfix as bob@example.com', async (name) => {
      expect(await dovecot.authenticate(name, 'secret')).toMatch(/^OK\t1\tuser=bob@example\.com(\t|$)/);
    });

    it('with a wrong password fail, and so do those of nobody', async () => {
      expect(await dovecot.authenticate('bob@example.com', 'wrong')).toMatch(
        /^FAIL\t1\tuser=bob@example\.com$/,
      );
      expect(await dovecot.authenticate('nobody@example.com', 'secret')).toMatch(/^FAIL\t1\tuser=nobody@/);
      expect(await dovecot.authenticate('bob', 'secret')).toMatch(/^FAIL\t/);
    });

    it('of a disabled user are refused, with the reason only for who knows the password', async () => {
      expect(await dovecot.imap('carol@example.com', [])).toContain('This account is disabled');
      const login = 't LOGIN carol@example.com wrong';
      expect(await dovecot.talk(993, [login])).toContain(
        't NO [AUTHENTICATIONFAILED] Authentication failed.',
      );
      expect(await dovecot.authenticate('carol@example.com', 'secret')).toMatch(/^FAIL\t1\tuser=carol@/);
    });

    it('take every character of a localpart for itself', async () => {
      expect(await dovecot.authenticate(`${strange}@example.com`, 'secret')).toMatch(/^OK\t/);
      const saved = await dovecot.deliver(`${strange}@example.com`, message('strange'));
      expect(saved).toMatch(/^250 2\.0\.0 .* Saved$/);
      expect(await subjects(`${strange}@example.com`, 'INBOX')).toEqual(['strange']);
    });
  });

  describe('the database', () => {
    it('gives the list of users', async () => {
      const listed = await dovecot.shell("in_container doveadm -c /etc/mailc/current/dovecot.conf user '*'");
      expect(listed.trim().split('\n').sort()).toEqual([
        'alice@example.com',
        'bob@example.com',
        'carol@example.com',
        `${strange}@example.com`,
      ]);
    });

    it('says where mail lies and how much of it there may be', async () => {
      const bob = await dovecot.shell(
        'in_container doveadm -c /etc/mailc/current/dovecot.conf user smith@example.net',
      );
      expect(bob).toContain('home\t/var/vmail/example.com/bob\n');
      expect(bob).toContain('mail_path\t/var/vmail/example.com/bob/mail\n');
      expect(bob).toContain('quota_storage_size\t20000B\n');
    });

    it('is remembered for where mail lies, and never for a password', async () => {
      const flush = () =>
        dovecot.shell('in_container doveadm -c /etc/mailc/current/dovecot.conf auth cache flush');
      await flush();
      expect(await dovecot.authenticate('bob@example.com', 'secret')).toMatch(/^OK\t/);
      expect(await flush()).toContain('0 cache entries flushed');
      await dovecot.deliver('carol@example.com', message('remembered'));
      expect(await flush()).toContain('1 cache entries flushed');
    });
  });

  describe('delivery', () => {
    it('puts mail where docker-post had it', async () => {
      await dovecot.deliver('alice@example.com', message('first'));
      const files = await dovecot.shell(
        'find /srv/volumes/vmail/example.com/alice -path "*/mail/new/*" -type f',
      );
      expect(files.trim().split('\n')).toHaveLength(1);
    });

    it('knows the detail of an address', async () => {
      const saved = await dovecot.deliver('alice+news@example.com', message('detail'));
      expect(saved).toContain('Saved');
      expect(await subjects('alice@example.com', 'INBOX')).toContain('detail');
    });

    it('is for disabled users too: Postfix decides', async () => {
      const saved = await dovecot.deliver('carol@example.com', message('kept'));
      expect(saved).toContain('Saved');
    });

    it('refuses nobody in particular', async () => {
      expect(await dovecot.deliver('nobody@example.com', message('x'))).toMatch(/^550 5\.1\.1 /);
    });

    it('files what Amavis marked as spam into Junk', async () => {
      await dovecot.deliver('alice@example.com', message('spam', 'X-Spam-Flag: YES\\n'));
      await dovecot.deliver('alice@example.com', message('ham', 'X-Spam-Flag: NO\\n'));
      expect(await subjects('alice@example.com', 'Junk')).toEqual(['spam']);
      expect(await subjects('alice@example.com', 'INBOX')).toContain('ham');
    });
  });

  it('makes and announces the special folders', async () => {
    const listed = await dovecot.imap('alice@example.com', [
      't LIST (SUBSCRIBED) "" "*" RETURN (SPECIAL-USE)',
    ]);
    const folders = [...listed.matchAll(/^\* LIST \((.*)\) "\." (.*)\r$/gm)].map(([, flags, name]) => [
      name,
      flags?.match(/\\(?:Archive|Drafts|Junk|Sent|Trash)/)?.[0] ?? '',
    ]);
    expect(folders.sort()).toEqual([
      ['Archive', '\\Archive'],
      ['Drafts', '\\Drafts'],
      ['Junk', '\\Junk'],
      ['NotJunk', ''],
      ['Sent', '\\Sent'],
      ['Trash', '\\Trash'],
    ]);
  });

  describe('Sieve', () => {
    const script = [
      'require ["envelope", "fileinto", "mailbox", "subaddress", "vacation"];',
      'if envelope :detail "to" "lists" { fileinto :create "Lists"; }',
      'if header :is "subject" "forward" { redirect "friend@elsewhere.org"; }',
      'if header :is "subject" "holiday" { vacation "I am away."; }',
    ].join(' ');
    beforeAll(async () => {
      expect(await dovecot.putScript('alice@example.com', script)).toMatch(/OK "PUTSCRIPT completed\."/);
    });

    it('runs what a user put there over ManageSieve', async () => {
      await dovecot.deliver('alice+lists@example.com', message('list'));
      expect(await subjects('alice@example.com', 'Lists')).toEqual(['list']);
    });

    it('refuses a script that is none', async () => {
      expect(await dovecot.putScript('alice@example.com', 'nonsense;')).toMatch(
        /NO \{\d+\}\r\nmain: line 1: error/,
      );
    });

    it('sends redirects and answers through Postfix', async () => {
      await dovecot.sent();
      await dovecot.deliver('alice@example.com', message('forward'));
      await dovecot.deliver(
        'alice@example.com',
        message('holiday', 'Message-ID: <holiday@elsewhere.org>\\n'),
      );
      const sent = await dovecot.sent();
      expect(sent.map(({ to }) => to).sort()).toEqual(['ann@elsewhere.org', 'friend@elsewhere.org']);
      expect(sent.find(({ to }) => to === 'ann@elsewhere.org')?.text).toContain('I am away.');
    });

    it('does not see spam, so that no robot gets an answer', async () => {
      await dovecot.sent();
      await dovecot.deliver('alice@example.com', message('holiday', 'X-Spam-Flag: YES\\n'));
      expect(await dovecot.sent()).toEqual([]);
      expect(await subjects('alice@example.com', 'Junk')).toContain('holiday');
    });
  });

  describe('learning', () => {
    /** Subjects of what was handed over since the last call. */
    const handedOver = async (kind: 'spam' | 'ham') => {
      const found = await dovecot.shell(
        `cd /srv/volumes/learn/${kind}; grep -h ^Subject: * | sort; stat -c %U:%a *; rm -f *`,
      );
      return found.trim().split(/\r?\n/);
    };
    const nothing = [expect.stringContaining('grep: *: No such file'), expect.anything()];

    it('is told what users move into Junk, out of it, and into NotJunk', async () => {
      for (const subject of ['missed', 'welcome']) await dovecot.deliver('bob@example.com', message(subject));
      await dovecot.imap('bob@example.com', ['t SELECT INBOX', 't MOVE 1 Junk', 't COPY 1 NotJunk']);
      expect(await handedOver('spam')).toEqual(['Subject: missed', 'vmail:600']);
      expect(await handedOver('ham')).toEqual(['Subject: welcome', 'vmail:600']);

      await dovecot.imap('bob@example.com', ['t SELECT Junk', 't MOVE 1 INBOX']);
      expect(await handedOver('ham')).toEqual(['Subject: missed', 'vmail:600']);
    });

    it('is told nothing when spam is deleted, or filed by the filter itself', async () => {
      await dovecot.deliver('bob@example.com', message('spam', 'X-Spam-Flag: YES\\n'));
      await dovecot.imap('bob@example.com', ['t SELECT Junk', 't MOVE 1 Trash']);
      expect(await handedOver('ham')).toEqual(nothing);
      expect(await handedOver('spam')).toEqual(nothing);
    });
  });

  describe('quotas', () => {
    it('let Postfix take mail while there is room, whatever its size', async () => {
      expect(await dovecot.policy('bob@example.com', 60_000)).toBe('action=DUNNO');
      expect(await dovecot.policy('smith+news@example.net')).toBe('action=DUNNO');
      expect(await dovecot.policy('alice@example.com', 1e12)).toBe('action=DUNNO');
    });

    it('are no business of addresses elsewhere and of aliases with many destinations', async () => {
      expect(await dovecot.policy('team@example.com')).toBe('action=DUNNO');
      expect(await dovecot.policy('someone@elsewhere.org')).toBe('action=DUNNO');
    });

    it('warn once they are nearly used up', async () => {
      await dovecot.deliver('bob@example.com', ofSize(16_500));
      await expect.poll(() => subjects('bob@example.com', 'INBOX')).toContain('Your mailbox is 80 % full');
    });

    it('take one last message, warn, and then let nothing in, under whatever name', async () => {
      const taken = await dovecot.deliver('bob@example.com', ofSize(60_000));
      expect(taken).toContain('Saved');
      await expect.poll(() => subjects('bob@example.com', 'INBOX')).toContain('Your mailbox is 95 % full');

      expect(await dovecot.policy('bob@example.com')).toBe('action=452 4.2.2 Mailbox is full');
      expect(await dovecot.policy('smith@example.net')).toBe('action=452 4.2.2 Mailbox is full');
      expect(await dovecot.deliver('bob@example.com', message('late'))).toMatch(/^452 4\.2\.2 /);
    });

    it('do not keep anybody from deleting', async () => {
      const moved = await dovecot.imap('bob@example.com', ['t SELECT INBOX', 't MOVE 1 Trash']);
      expect(moved).toContain('t OK Move completed');
    });
  });

  it('has logged no warning so far, and no password', async () => {
    const log = await dovecot.shell('cat /tmp/log');
    // smtp-sink's greeting is not quite right.
    const provoked = /invalid EHLO response/;
    const warnings = log.split('\n').filter((line) => /warning|error|fatal|panic/i.test(line));
    expect(warnings.filter((line) => !provoked.test(line))).toEqual([]);
    expect(log).not.toContain('secret');
  });

  it('goes on after a reload', async () => {
    await dovecot.shell('in_container doveadm -c /etc/mailc/current/dovecot.conf reload');
    expect(await dovecot.imap('alice@example.com', [])).toContain('t OK [CAPABILITY');
  });
});
