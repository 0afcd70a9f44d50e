// Every line of level warning or worse that a container has written, but those that a test has caused on purpose
// or that this machine cannot spare us: each with the reason.

import type { ServiceName } from '../../../src/model/mail-system.ts';

const warningOrWorse: Readonly<Record<ServiceName, RegExp>> = {
  amavis: /^<[0-4]>|^(?!<\d>)./, // What has no level was not written by Amavis's own logging: Perl's warnings.
  clamav: /\b(WARNING|ERROR)\b|LibClamAV (Warning|Error)/,
  dovecot: /: (Warning|Error|Fatal|Panic): /,
  opendkim: /^(?!.* [a-z0-9]+\.(info|notice|debug) )./, // BusyBox puts the level into each line.
  postfix: /\b(warning|error|fatal|panic): /,
  postgres: / (WARNING|ERROR|FATAL|PANIC): /,
};

/** What the images' own programs say when something is wrong, and the shell that runs them. */
const ofOurScripts = /ended; starting it again|\/usr\/local\/bin\/\S+: (line )?\d+: /;

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

/** For files in which `mailc apply` probes the listeners. */
export const probeLogLines: readonly Expected[] = [
  {
    service: 'postfix',
    line: /warning: .* SASL PLAIN authentication failed: .*sasl_username=nobody@mailc\.invalid$/,
    reason: 'the login that must fail',
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
  {
    service: 'postfix',
    line: /lmtp\[\d+\]: warning: problem talking to service private\/scache: Connection reset by peer/,
    reason: 'and scache(8), where connections wait to be used again; lmtp(8) then makes a new one',
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

/** Those that nobody expected. */
export function unexpectedLogLines(
  service: ServiceName,
  said: string,
  expected: readonly Expected[],
): readonly string[] {
  return said
    .split('\n')
    .filter((line) => line !== '' && (warningOrWorse[service].test(line) || ofOurScripts.test(line)))
    .filter((line) => ![...always, ...expected].some((one) => one.service === service && one.line.test(line)))
    .map((line) => `${service}: ${line}`);
}

/** The same for several services of one system. */
export async function unexpectedOf(
  services: readonly ServiceName[],
  logOf: (service: ServiceName) => Promise<string>,
  expected: readonly Expected[],
): Promise<readonly string[]> {
  const unexpected: string[] = [];
  for (const service of services)
    unexpected.push(...unexpectedLogLines(service, await logOf(service), expected));
  return unexpected;
}
