// The end of every other file asks whether a container has warned of something. Here is what counts as that: a line of
// each kind that the programs really write, and the explained lists' limits.

import { describe, expect, it } from 'vitest';
import type { ServiceName } from '../../src/model/mail-system.ts';
import { reloadLogLines, unexpectedLogLines } from './support/log-lines.ts';
import { outageLogLines } from './support/outage-log-lines.ts';

const explained = [...outageLogLines, ...reloadLogLines];

describe('a line of a log', () => {
  it.each<[ServiceName, string]>([
    ['amavis', '<3>(00007-01) (!!)TROUBLE in check_mail: parts_decode FAILED'],
    ['amavis', 'Use of uninitialized value $x in concatenation (.) or string at line 1.'],
    ['clamav', "ERROR: Tue Dec  1 03:00:00 2026 -> Can't open file or directory"],
    ['clamav', 'LibClamAV Error: cli_loaddbdir: No supported database files found in /var/lib/clamav'],
    ['clamav', 'clamav-milter ended; starting it again'],
    ['dovecot', 'Dec 01 03:00:00 imap(bob): Error: Failed to create index: Permission denied'],
    ['dovecot', 'doveconf: Fatal: Error in configuration file'],
    ['opendkim', 'Dec  1 03:00:00 mail mail.err opendkim[12]: key data is not secure'],
    ['opendkim', '/usr/local/bin/entrypoint: line 31: kill: (12) - No such process'],
    ['postfix', 'Dec 01 03:00:00 mail postfix/smtpd[9]: warning: unknown smtpd restriction: "x"'],
    [
      'postfix',
      'Dec 01 03:00:00 mail postfix/master[1]: fatal: bind 0.0.0.0 port 25: Address already in use',
    ],
    ['postfix', 'postsrsd ended; starting it again'],
    ['postfix', '/usr/local/bin/entrypoint: 12: setpriv: not found'],
    ['postgres', '2026-12-01 03:00:00.000 UTC [9] ERROR:  permission denied for table users'],
  ])('of %s is a warning: %s', (service, line) => {
    expect(unexpectedLogLines(service, line, explained)).toEqual([`${service}: ${line}`]);
  });

  it.each<[ServiceName, string]>([
    ['amavis', '<6>(00007-01) Passed CLEAN {RelayedInbound}'],
    ['clamav', 'Tue Dec  1 03:00:00 2026 -> Self checking every 600 seconds.'],
    ['dovecot', 'Dec 01 03:00:00 imap-login: Info: Logged in: user=<bob@example.com>'],
    [
      'opendkim',
      'Dec  1 03:00:00 mail mail.info opendkim[12]: DKIM-Signature field added (s=mail, d=example.com)',
    ],
    ['postfix', 'release-waiting: tried again, since all containers on their way answer: 3'],
    ['postgres', '2026-12-01 03:00:00.000 UTC [1] LOG:  database system is ready to accept connections'],
  ])('of %s is none: %s', (service, line) => {
    expect(unexpectedLogLines(service, line, [])).toEqual([]);
  });

  it.each<[ServiceName, string]>([
    [
      'postfix',
      'proxymap[9]: warning: pgsql query failed: fatal error from host postgresql://mail@postgres: ERROR:  permission denied for function route',
    ],
    [
      'postfix',
      'proxymap[9]: warning: connect to pgsql server postgresql://mail@postgres: FATAL:  password authentication failed for user "mail"',
    ],
    [
      'dovecot',
      'auth-worker: request [1]: Error: lua: db-lua: database: LuaSQL: error executing statement. PostgreSQL: ERROR:  permission denied',
    ],
    ['amavis', '<3>(00007-01) (!)ClamAV-clamd-stream av-scanner FAILED: run_av error: Permission denied'],
  ])('of %s is not explained by the absence of a part: %s', (service, end) => {
    const line = service === 'postfix' ? `Dec 01 03:00:00 mail postfix/${end}` : end;
    expect(unexpectedLogLines(service, line, explained)).toEqual([`${service}: ${line}`]);
  });
});
