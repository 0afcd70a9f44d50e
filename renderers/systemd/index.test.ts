// Which units a host gets, and that systemd itself has nothing to say about them.

import { describe, expect, it } from 'vitest';
import type { Container } from '../../src/model/container.ts';
import type { MailSystem } from '../../src/model/mail-system.ts';
import { printContent } from '../../src/render/secret-marker.ts';
import { describeReal } from '../../test/debian/debian13.ts';
import { aContainer } from '../../test/support/a-container.ts';
import { aMailSystem } from '../../test/support/a-mail-system.ts';
import { systemd } from './index.ts';

/** By path below out/. */
function units(system: MailSystem, containers: readonly Container[]): ReadonlyMap<string, string> {
  const { artifacts } = systemd.render(system, containers);
  return new Map(artifacts.map(({ path, content }) => [path, printContent(content)]));
}

const postfix = aContainer({ after: ['amavis', 'dovecot', 'postgres'] });
const amavis = aContainer({ name: 'amavis', service: 'amavis', after: [] });
const dovecot = aContainer({ name: 'dovecot', service: 'dovecot', after: ['postgres'] });

describe('the units of a host', () => {
  it('are one a container, the network, the target of them all, and the daily learning', () => {
    expect([...units(aMailSystem(), [amavis, postfix]).keys()].sort()).toEqual([
      'mail.example.com/systemd/mail-amavis.service',
      'mail.example.com/systemd/mail-learn-spam.service',
      'mail.example.com/systemd/mail-learn-spam.timer',
      'mail.example.com/systemd/mail-network.service',
      'mail.example.com/systemd/mail-postfix.service',
      'mail.example.com/systemd/mail.target',
    ]);
  });

  it('learn nothing where Amavis does not run beside Dovecot, or does not learn', () => {
    const learns = (system: MailSystem, containers: readonly Container[]) =>
      [...units(system, containers).keys()].some((path) => path.includes('learn-spam'));
    const services = ['amavis' as const, 'postfix' as const];
    const hosts = [
      { name: 'mail.example.com', services },
      { name: 'store.example.com', services: ['dovecot' as const] },
    ];
    expect(learns(aMailSystem(), [amavis])).toBe(true);
    expect(learns(aMailSystem({ hosts }), [amavis])).toBe(false);
    expect(learns(aMailSystem({ spam: { bayes: false } }), [amavis])).toBe(false);
    expect(learns(aMailSystem({ spam: { enabled: false } }), [amavis])).toBe(false);
  });

  it('are none where Docker is the supervisor', () => {
    const system = aMailSystem({ hosts: [{ name: 'mail.example.com', supervisor: 'docker' }] });
    expect(units(system, [postfix]).size).toBe(0);
  });
});

describe('the unit of a container', () => {
  const unit = (containers: readonly Container[]) =>
    units(aMailSystem(), containers).get('mail.example.com/systemd/mail-postfix.service') ?? '';

  it('runs the script of the running generation', () => {
    expect(unit([postfix])).toContain('ExecStart=/bin/sh /srv/mail/mailc/docker/current/postfix.sh\n');
  });

  it('comes after those of its services that run on this host, and needs none of them', () => {
    const lines = unit([postfix, dovecot]).split('\n');
    expect(lines).toContain('Wants=mail-dovecot.service');
    expect(lines).toContain('After=mail-dovecot.service');
    expect(lines.some((line) => line.includes('mail-amavis'))).toBe(false);
    expect(lines.filter((line) => line.startsWith('Requires='))).toEqual(['Requires=docker.service']);
  });

  it('gives Docker all the time that the healthcheck takes before it starts again', () => {
    // 30 to stop what is left, 20 + 3 x 30 until unhealthy, a minute for a slow machine.
    expect(unit([postfix])).toContain('TimeoutStartSec=200\n');
  });
});

describeReal('systemd-analyze', (debian) => {
  const stub = '[Unit]\nDescription=Docker\n[Service]\nExecStart=/bin/true\n';
  const awkward = `/srv/it's "my" $HOME %h\\, {a,b}; ä`;

  it.each([
    ['a usual host', '/srv/mail'],
    ['a host with an awkward data folder', awkward],
  ])('verifies the units of %s without a word', async (_, data) => {
    const system = aMailSystem({ hosts: [{ name: 'mail.example.com', data }] });
    const rendered = units(system, [amavis, dovecot, postfix]);
    const files = Object.fromEntries(
      [...rendered].map(([path, text]) => [
        path.replace('mail.example.com/systemd', '/etc/systemd/system'),
        text,
      ]),
    );
    const verified = await debian.run(['systemd-analyze', 'verify', ...Object.keys(files)], {
      files: { ...files, '/etc/systemd/system/docker.service': stub },
    });
    // It warns and still exits 0.
    expect(verified).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('notices a wrong unit, or the test above would prove nothing', async () => {
    const path = '/etc/systemd/system/x.service';
    const { stderr } = await debian.run(['systemd-analyze', 'verify', path], {
      files: { [path]: '[Service]\nExecStart=/bin/true\nRestartSeconds=1\n' },
    });
    expect(stderr).toContain('RestartSeconds');
  });

  it('reads the time of the learning run', async () => {
    const system = aMailSystem({ spam: { learnAt: '04:05' } });
    const timer = units(system, [amavis]).get('mail.example.com/systemd/mail-learn-spam.timer') ?? '';
    const [, calendar = ''] = /OnCalendar=(.*)/.exec(timer) ?? [];
    const { code, stdout } = await debian.run(['systemd-analyze', 'calendar', calendar]);
    expect(code).toBe(0);
    expect(stdout).toContain('Normalized form: *-*-* 04:05:00');
  });
});
