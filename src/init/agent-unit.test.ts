// The unit and the timer of a host that pulls, and that systemd itself has nothing to say about them.

import { readFileSync } from 'node:fs';
import { expect, it, test } from 'vitest';
import { describeReal } from '../../test/debian/debian13.ts';
import { agentUnit, isInHome, isInTmp } from './agent-unit.ts';

const template = readFileSync('systemd/mailc-pull.service', 'utf8');
const timer = readFileSync('systemd/mailc-pull.timer', 'utf8');
const usual = { node: '/usr/bin/node', script: '/usr/lib/node_modules/mailc/dist/mailc.cjs' };

test('the unit starts the mailc that installed it, and differs in nothing else', () => {
  expect(agentUnit(template, usual)).toBe(
    template.replace(
      'ExecStart=/usr/bin/mailc pull',
      'ExecStart=/usr/bin/node /usr/lib/node_modules/mailc/dist/mailc.cjs pull',
    ),
  );
});

test('a mailc in a home folder can be read there, and by nobody written', () => {
  const unit = agentUnit(template, { ...usual, script: '/home/bob/mailc/dist/mailc.cjs' });
  expect(unit).toContain('\nProtectHome=read-only\n');
  expect(agentUnit(template, usual)).toContain('\nProtectHome=yes\n');
});

test('which folders the unit does not see', () => {
  expect(['/root/x', '/home/bob/x', '/run/user/0/x', '/usr/bin/x', '/homes/x'].map(isInHome)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(['/tmp/x', '/var/tmp/x', '/opt/tmp/x'].map(isInTmp)).toEqual([true, true, false]);
});

test('another apply at work is no failure; all else that does not end well is', () => {
  expect(template).toContain('\nSuccessExitStatus=6\n');
});

describeReal('systemd-analyze', (debian) => {
  const program = { content: '#!/bin/sh\n', mode: 0o755 };
  const units = '/etc/systemd/system';
  const stubs = {
    [`${units}/docker.service`]: '[Unit]\nDescription=Docker\n[Service]\nExecStart=/bin/true\n',
    [`${units}/mail.target`]: '[Unit]\nDescription=Mail\n',
  };

  it.each([
    ['as it stands in the repository', template, '/usr/bin/mailc'],
    ['as it is installed', agentUnit(template, usual), usual.node],
    [
      'of a mailc in an awkward place',
      agentUnit(template, {
        node: '/opt/no de $HOME/%n/node',
        script: `/opt/it's "my" $HOME %h\\/mailc.cjs`,
      }),
      '/opt/no de $HOME/%n/node',
    ],
  ])('verifies the unit %s without a word', async (_what, unit, path) => {
    const files = { [`${units}/mailc-pull.service`]: unit, [`${units}/mailc-pull.timer`]: timer };
    const verified = await debian.run(['systemd-analyze', 'verify', ...Object.keys(files)], {
      files: { ...stubs, ...files, [path]: program },
    });
    expect(verified).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('reads the time of the timer', async () => {
    const [, calendar = ''] = /OnCalendar=(.*)/.exec(timer) ?? [];
    const { code, stdout } = await debian.run(['systemd-analyze', 'calendar', calendar]);
    expect(code).toBe(0);
    expect(stdout).toContain('Normalized form: *-*-* *:00/5:00');
  });

  it('finds little to add to what the unit shuts out', async () => {
    const path = `${units}/mailc-pull.service`;
    const { stdout } = await debian.run(['systemd-analyze', 'security', '--offline=yes', path], {
      files: { ...stubs, [path]: template, '/usr/bin/mailc': program },
    });
    const exposure = Number(/exposure level for \S+ ([0-9.]+)/.exec(stdout)?.[1]);
    expect(exposure).toBeLessThan(6);
  });
});
