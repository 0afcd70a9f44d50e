// Every line of level warning or worse that a container has written, but those that a test has caused on purpose
// or that this machine cannot spare us: each with the reason.

import type { ServiceName } from '../../../src/model/mail-system.ts';
import { serviceNames } from '../../../src/model/mail-system.ts';
import { tryRun } from './run.ts';

const warningOrWorse: Readonly<Record<ServiceName, RegExp>> = {
  amavis: /^<[0-4]>|^(?!<\d>)./, // What has no level was not written by Amavis's own logging: Perl's warnings.
  clamav: /\b(WARNING|ERROR)\b/,
  dovecot: /: (Warning|Error|Fatal|Panic): /,
  opendkim: / [a-z0-9]+\.(warn|warning|err|error|crit|alert|emerg) /,
  postfix: /\b(warning|error|fatal|panic): /,
  postgres: / (WARNING|ERROR|FATAL|PANIC): /,
};

export interface Expected {
  readonly service: ServiceName;
  readonly line: RegExp;
  readonly reason: string;
}

const always: readonly Expected[] = [
  {
    service: 'clamav',
    line: /database\.clamav\.net|current\.cvd\.clamav\.net|Invalid DNS reply|Download failed|Database update process failed|Update failed/,
    reason: 'signatures are not downloaded in a test; freshclam says so',
  },
  {
    service: 'dovecot',
    line: /master: Warning: Time moved forward by \d\.\d+ seconds/,
    reason: 'a machine that is busy with the tests wakes it late',
  },
  {
    service: 'postfix',
    line: /cleanup\[\d+\]: warning: (file system clock is 1 seconds ahead of local clock|resetting file time stamps)/,
    reason:
      'Linux from 6.13 on may stamp files by a finer clock than time(2) tells, which enters a second later',
  },
];

/** For files that have a part of the system reload. */
export const reloadLogLines: readonly Expected[] = [
  {
    service: 'postfix',
    line: /warning: problem talking to service rewrite: (Connection reset by peer|Success)/,
    reason: 'a reload ends trivial-rewrite(8), and whoever was asking asks the next one',
  },
  {
    service: 'postfix',
    line: /warning: dict_proxy_lookup: service proxymap: Connection reset by peer/,
    reason: 'a reload ends proxymap(8) too',
  },
  { service: 'dovecot', line: /master: Warning: SIGHUP received/, reason: 'a new configuration is loaded' },
  {
    service: 'dovecot',
    line: /auth: Error: auth-worker: Aborted (USER|PASS[VL]) request for .*: Worker process died unexpectedly/,
    reason:
      'a reload ends the workers; auth itself then answers whoever had just asked one (users-again.lua)',
  },
  { service: 'amavis', line: /Net::Server: .*Re-exec server during HUP/, reason: 'new rules are loaded' },
  {
    service: 'amavis',
    line: /ESMTP.* ABORTING.*: Connection broken during DATA: Interrupted system call/,
    reason: 'a reload ends who is taking a message, which Postfix then gives to the next',
  },
];

/** Those that nobody expected, with the container's name in front. `since`: RFC 3339. */
export async function unexpectedLogLines(
  since: string,
  expected: readonly Expected[],
): Promise<readonly string[]> {
  const unexpected: string[] = [];
  for (const service of serviceNames) {
    const { code, stdout, stderr } = await tryRun(['docker', 'logs', '--since', since, service]);
    if (code !== 0) continue; // not part of this system
    for (const line of `${stdout}\n${stderr}`.split('\n')) {
      if (line === '' || !warningOrWorse[service].test(line)) continue;
      if ([...always, ...expected].some((one) => one.service === service && one.line.test(line))) continue;
      unexpected.push(`${service}: ${line}`);
    }
  }
  return unexpected;
}
