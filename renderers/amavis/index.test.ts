// What is rendered for which mail system, and what the real programs say of the files.

import { describe, expect, it } from 'vitest';
import type { MailSystem } from '../../src/model/mail-system.ts';
import { printContent } from '../../src/render/secret-marker.ts';
import { describeReal } from '../../test/debian/debian13.ts';
import { aMailSystem } from '../../test/support/a-mail-system.ts';
import { laidArtifacts } from '../../test/support/laid-artifacts.ts';
import { amavis } from './index.ts';

function fileOf(system: MailSystem, name: string): string {
  const file = amavis.render(system).artifacts.find(({ path }) => path === `mail.example.com/amavis/${name}`);
  return printContent(file?.content ?? []);
}

describe('Amavis', () => {
  it('gets its files and one container on each host that runs it', () => {
    const { artifacts, containers, diagnostics } = amavis.render(aMailSystem());

    expect(artifacts.map(({ path, mode }) => `${path} ${mode.toString(8)}`)).toEqual([
      'mail.example.com/amavis/amavisd.conf 644',
      'mail.example.com/amavis/spamassassin/local.cf 644',
      'mail.example.com/amavis/spamassassin/plugins.pre 644',
      'mail.example.com/amavis/spamassassin/LocalStart.pm 644',
      'mail.example.com/amavis/razor-agent.conf 644',
      'mail.example.com/amavis/learn-spam 755',
    ]);
    expect(containers.map(({ name, service, ports }) => ({ name, service, ports }))).toEqual([
      { name: 'amavis', service: 'amavis', ports: [] },
    ]);
    expect(diagnostics).toEqual([]);
  });

  it('is not there when there is nothing to filter for', () => {
    const system = aMailSystem({ spam: { enabled: false }, virus: { enabled: false } });
    expect(amavis.render(system)).toEqual({ artifacts: [], containers: [], diagnostics: [] });
  });

  it('is not there rather than without the scanner that is wanted', () => {
    const system = aMailSystem({
      hosts: [{ name: 'mail.example.com', services: ['amavis', 'dovecot', 'postfix', 'postgres'] }],
    });
    expect(amavis.render(system).containers).toEqual([]);
  });

  it('serves every hosted domain, alias domains too, and no other', () => {
    const system = aMailSystem({
      domains: ['example.com', { name: 'example.net', aliasOf: 'example.com' }, 'xn--bcher-kva.example'],
    });
    expect(fileOf(system, 'amavisd.conf')).toContain(`@local_domains_maps = ({
  'example.com' => 1,
  'example.net' => 1,
  'xn--bcher-kva.example' => 1,
});`);
  });

  it('trusts only what mail.yaml says is ours about where mail came from', () => {
    const system = aMailSystem({
      hosts: [
        { name: 'mail.example.com', addresses: ['203.0.113.10', '2001:db8::10'] },
        { name: 'mx.example.com', addresses: ['203.0.113.11'], services: ['postfix'] },
      ],
    });
    expect(fileOf(system, 'spamassassin/local.cf').match(/^trusted_networks .*$/gm)).toEqual([
      'trusted_networks 203.0.113.10',
      'trusted_networks 2001:db8::10',
      'trusted_networks 203.0.113.11',
    ]);
  });

  it('asks Pyzor and Razor only when it should', () => {
    const system = aMailSystem({ spam: { pyzor: false, razor: false } });
    expect(fileOf(system, 'spamassassin/plugins.pre')).not.toMatch(/Pyzor|Razor/);
    expect(fileOf(system, 'spamassassin/local.cf')).not.toMatch(/pyzor|razor/);
    expect(fileOf(system, 'razor-agent.conf')).toBe('');
  });

  it("sees users' mail only to learn from it, and read-only", () => {
    const mountsOf = (system: MailSystem) =>
      amavis.render(system).containers[0]?.mounts.map(({ to, readOnly }) => `${to}${readOnly ? ' ro' : ''}`);
    expect(mountsOf(aMailSystem())).toEqual([
      '/etc/mailc ro',
      '/var/lib/amavis',
      '/var/lib/spamassassin',
      '/var/spamassassin/bayes_db',
      '/var/spool/learn',
      '/var/vmail ro',
    ]);
    expect(mountsOf(aMailSystem({ spam: { bayes: false } }))).not.toContain('/var/vmail ro');
    expect(mountsOf(aMailSystem({ spam: { enabled: false } }))).toEqual(['/etc/mailc ro', '/var/lib/amavis']);
  });
});

describeReal("Debian 13's Amavis and SpamAssassin", (debian) => {
  const variants: readonly (readonly [string, MailSystem])[] = [
    ['with everything', aMailSystem()],
    ['with IPv4 alone', aMailSystem({ network: { subnet6: null } })],
    ['for spam alone', aMailSystem({ virus: { enabled: false } })],
    ['for viruses alone', aMailSystem({ spam: { enabled: false } })],
    ['with unusual levels', aMailSystem({ spam: { tagLevel: 0.5, junkLevel: 1, discardLevel: 9999 } })],
    ['without networks to ask', aMailSystem({ spam: { pyzor: false, razor: false, bayes: false } })],
  ];

  it.each(variants)('read the files of a system %s without a word', async (_, system) => {
    const files = laidArtifacts(amavis.render(system).artifacts, 'amavis');
    const test = ['amavisd', '-c', '/etc/mailc/current/amavisd.conf', 'test-config'];
    expect(await debian.run(test, { files })).toEqual({ code: 0, stdout: '', stderr: '' });
    if (!system.spam.enabled) return;
    const lint = ['spamassassin', '--lint', '-L', '--siteconfigpath=/etc/mailc/current/spamassassin'];
    expect(await debian.run(lint, { files })).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('load all that SpamAssassin loads by default', async () => {
    const files = laidArtifacts(amavis.render(aMailSystem()).artifacts, 'amavis');
    const loaded = 'grep -h ^loadplugin "$0"/*.pre | sort';
    const pluginsIn = async (folder: string) =>
      (await debian.run(['sh', '-c', loaded, folder], { files })).stdout;
    expect(await pluginsIn('/etc/mailc/current/spamassassin')).toBe(
      (await pluginsIn('/etc/spamassassin'))
        .split('\n')
        // It reports to others what users send, and they are not asked.
        .filter((line) => !line.endsWith('SpamCop'))
        .join('\n'),
    );
  });

  it('come with a script that shellcheck finds nothing in', async () => {
    const files = laidArtifacts(amavis.render(aMailSystem()).artifacts, 'amavis');
    expect(await debian.run(['shellcheck', '/etc/mailc/current/learn-spam'], { files })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });
});
