// What the containers say while a test takes one of them away.

import type { Expected } from './log-lines.ts';

/** What is said while a part is away, and why it may be. */
export const outageLogLines: readonly Expected[] = [
  ...[
    {
      // Not what it answers while it is there: ERROR, or that it knows no such user or password.
      line: /(pgsql query failed: |connect to pgsql server )(?!.*(ERROR: |authentication failed|does not exist|pg_hba))/,
      reason: 'the database is away',
    },
    {
      line: /lookup error for|(table|map) lookup problem|_(domains|maps) lookup failure/,
      reason: 'the database is away; proxymap says which way, in a line of its own',
    },
    {
      line: /SASL PLAIN authentication failed: \(reason unavailable\)/,
      reason: 'the database died while somebody logged in',
    },
    {
      line: /SASL .*authentication failed: Connection lost to authentication server/,
      reason: 'Dovecot was killed',
    },
    {
      line: /SASL: Connect to Dovecot auth socket|no SASL authentication mechanisms|host or service dovecot:12345 not found/,
      reason: 'Dovecot is away',
    },
    {
      line: /master\[1\]: warning: (process )?\S+\/smtpd(:| pid \d+) (exit status 1$|bad command startup)/,
      reason: 'no session begins without Dovecot, who knows the passwords',
    },
    {
      line: /(connect to|problem talking to server|host or service|end-of-input on|timeout on) (dovecot|\[\S+\]):12340\b/,
      reason: 'Dovecot, who knows the quotas, is away',
    },
    {
      line: /milter .*(can't read|connect to Milter|inet:(opendkim|clamav))|connect to Milter service/,
      reason: 'OpenDKIM or ClamAV is away',
    },
    {
      line: /host or service (opendkim:8891|clamav:7357) not found/,
      reason: 'OpenDKIM or ClamAV is away',
    },
  ].map(({ line, reason }): Expected => ({ service: 'postfix', line, reason })),
  ...[
    {
      line: /Error: (lua|again): db-lua: database: (?!.*(ERROR: |authentication failed|does not exist|pg_hba))|Auth (USER|PASS) lookup failed/,
      reason: 'the database is away',
    },
    { line: /Failed to lookup user .*Internal error|userdb lookup.*failed/, reason: 'the database is away' },
    {
      line: /master: Warning: (Killed with signal 15|SIGHUP received)/,
      reason: 'stopped and reloaded by the test',
    },
    {
      line: /auth: Error: auth-worker: Aborted (USER|PASS[VL]) request for .*: Worker process died unexpectedly/,
      reason: 'stopped while it asked the database about somebody',
    },
    {
      line: /-login: Fatal: Failed to read configuration: fd_read\(\) failed: Connection reset|-login\): child \d+ returned error 89/,
      reason: 'stopped while it was still starting: who gives out the configuration had left before',
    },
  ].map(({ line, reason }): Expected => ({ service: 'dovecot', line, reason })),
  ...[
    {
      line: /connect to \[clamav\]:3310 failed|av-scanner FAILED: run_av error: .*(connect|socket|reset|closed|timed out|Broken pipe)/i,
      reason: 'ClamAV is away',
    },
    {
      line: /all primary virus scanners failed|ALL VIRUS SCANNERS FAILED/,
      reason: 'ClamAV is away; what failed there is in a line of its own',
    },
    {
      line: /connect to \[postfix\]:10025 failed|FWD from .*(connecting to smtp:\[postfix\]:10025|: Temporary lookup failure)|mail_via_smtp: NOTICE: aborting SMTP session/,
      reason: 'Postfix, who takes mail back, or the database, which it asks, is away',
    },
    { line: /process rundown after fatal error/, reason: 'the error is in a line of its own' },
    {
      line: /ESMTP.* ABORTING.*: Connection broken during DATA|Error writing an SMTP response to the socket: Broken pipe/,
      reason: 'Postfix was killed while it handed mail over',
    },
    { line: /FWD from .* 451 /, reason: 'the database is away, which Postfix asks' },
    {
      line: /PRESERVING EVIDENCE|tempdir is to be PRESERVED/,
      reason: 'what could not be scanned is kept until Postfix comes again',
    },
  ].map(({ line, reason }): Expected => ({ service: 'amavis', line, reason })),
  {
    service: 'postgres',
    line: /FATAL: .*(starting up|not yet accepting connections|shutting down|terminating (connection|autovacuum process))/,
    reason: 'killed and stopped',
  },
  {
    service: 'postgres',
    line: /FATAL: +canceling authentication due to timeout/,
    reason: 'stopped while somebody connected, whatever the reason is called',
  },
];
