// What is rendered for which mail system, and what Debian 13's Dovecot says of the files.

import { describe, expect, it } from 'vitest';
import type { MailSystem } from '../../src/model/mail-system.ts';
import { printContent } from '../../src/render/secret-marker.ts';
import { describeReal } from '../../test/debian/debian13.ts';
import { aMailSystem } from '../../test/support/a-mail-system.ts';
import { laidArtifacts } from '../../test/support/laid-artifacts.ts';
import { dovecot } from './index.ts';

const noClients = { imap: null, imaps: null, pop3: null, pop3s: null, sieve: null };

function fileOf(system: MailSystem, name: string): string {
  const file = dovecot
    .render(system)
    .artifacts.find(({ path }) => path === `mail.example.com/dovecot/${name}`);
  return printContent(file?.content ?? []);
}

const configurationOf = (system: MailSystem) => fileOf(system, 'dovecot.conf');

describe('Dovecot', () => {
  it('gets its files and one container on each host that runs it', () => {
    const { artifacts, containers, diagnostics } = dovecot.render(aMailSystem());

    expect(artifacts.map(({ path, mode }) => `${path} ${mode.toString(8)}`)).toEqual([
      'mail.example.com/dovecot/dovecot.conf 600',
      'mail.example.com/dovecot/users.lua 644',
      'mail.example.com/dovecot/users-again.lua 644',
      'mail.example.com/dovecot/mail-store.conf 644',
      'mail.example.com/dovecot/quota-warning 755',
      'mail.example.com/dovecot/quota-warning.conf 644',
      'mail.example.com/dovecot/spam.sieve 644',
      'mail.example.com/dovecot/learn-ham.sieve 644',
      'mail.example.com/dovecot/learn-spam.sieve 644',
      'mail.example.com/dovecot/learn/ham 755',
      'mail.example.com/dovecot/learn/spam 755',
    ]);
    expect(containers.map(({ name, host, service }) => ({ name, host, service }))).toEqual([
      { name: 'dovecot', host: 'mail.example.com', service: 'dovecot' },
    ]);
    expect(diagnostics).toEqual([]);
  });

  it('is not there where no host runs it', () => {
    const system = aMailSystem({ hosts: [{ name: 'mx.example.com', services: ['postfix', 'postgres'] }] });
    expect(dovecot.render(system)).toEqual({ artifacts: [], containers: [], diagnostics: [] });
  });

  it('has the password of the database in one file that only root reads, as a reference', () => {
    const { artifacts } = dovecot.render(aMailSystem());
    const secret = { secret: 'database.mail.password', syntax: 'dovecot' };
    const holding = artifacts.filter(({ content }) => content.some((part) => typeof part !== 'string'));
    expect(holding.map(({ path, mode }) => [path, mode])).toEqual([
      ['mail.example.com/dovecot/dovecot.conf', 0o600],
    ]);
    expect(holding[0]?.content).toContainEqual(secret);
  });

  it('opens only the ports that mail.yaml publishes', () => {
    const system = aMailSystem({
      hosts: [{ name: 'mail.example.com', ports: { ...noClients, imaps: 1993 } }],
    });
    expect(configurationOf(system)).toContain('protocols = lmtp imap\n');
    expect(configurationOf(system)).toMatch(/inet_listener imap \{\n {4}port = 0\n/);
    expect(configurationOf(system)).toMatch(/inet_listener imaps \{\n {4}port = 993\n/);
    expect(configurationOf(system)).not.toMatch(/service (pop3|managesieve)-login/);
    expect(dovecot.render(system).containers[0]?.ports).toEqual([{ host: 1993, container: 993 }]);
  });

  it('takes no login at all without a certificate', () => {
    const system = aMailSystem({ hosts: [{ name: 'mail.example.com', tls: null }] });
    expect(configurationOf(system)).toContain('protocols = lmtp\n');
    expect(configurationOf(system)).toContain('ssl = no\n');
    expect(dovecot.render(system).containers[0]?.ports).toEqual([]);
  });

  it('asks Amavis nothing and believes no header when spam is not scored', () => {
    const system = aMailSystem({ spam: { enabled: false } });
    const files = dovecot.render(system).artifacts.map(({ path }) => path);
    expect(files.filter((path) => /sieve|learn/.test(path))).toEqual([]);
    expect(configurationOf(system)).not.toMatch(/sieve_script (spam|learn)|imap_sieve/);
  });

  it('shares no folder with Amavis when nothing is to be learned', () => {
    const { containers } = dovecot.render(aMailSystem({ spam: { bayes: false } }));
    expect(containers[0]?.mounts.map(({ to }) => to)).not.toContain('/var/spool/learn');
  });

  it('warns when Amavis runs elsewhere, since nothing can be handed over then', () => {
    const system = aMailSystem({
      hosts: [
        { name: 'mx.example.com', services: ['amavis', 'clamav', 'opendkim', 'postfix'] },
        { name: 'store.example.com', services: ['dovecot', 'postgres'] },
      ],
    });
    const { artifacts, diagnostics } = dovecot.render(system);
    expect(diagnostics.map(({ code, severity }) => [code, severity])).toEqual([
      ['learning-needs-one-host', 'warning'],
    ]);
    expect(artifacts.filter(({ path }) => /learn/.test(path))).toEqual([]);
  });

  it('has nobody to send mail through where there is no Postfix', () => {
    const system = aMailSystem({ hosts: [{ name: 'mail.example.com', services: ['dovecot', 'postgres'] }] });
    expect(configurationOf(system)).not.toContain('submission_host');
  });
});

describeReal("Debian 13's Dovecot", (debian) => {
  const variants: readonly (readonly [string, MailSystem])[] = [
    ['with everything', aMailSystem()],
    ['with little', aMailSystem({ spam: { enabled: false }, mail: { recipientDelimiter: null } })],
    [
      'with IMAP over TLS alone',
      aMailSystem({ hosts: [{ name: 'mail.example.com', ports: { ...noClients, imaps: 993 } }] }),
    ],
    ['without clients', aMailSystem({ hosts: [{ name: 'mail.example.com', ports: noClients }] })],
    ['without a certificate', aMailSystem({ hosts: [{ name: 'mail.example.com', tls: null }] })],
    [
      'without Postfix',
      aMailSystem({ hosts: [{ name: 'mail.example.com', services: ['dovecot', 'postgres'] }] }),
    ],
    [
      'with a strange postmaster',
      aMailSystem({ mail: { postmaster: { localpart: "o'%{user}$x#`id`", domain: 'elsewhere.org' } } }),
    ],
    ['with the largest messages', aMailSystem({ mail: { messageSize: 1024 ** 3 } })],
  ];

  it.each(variants)('reads the files of a system %s without a word', async (_, system) => {
    const files = laidArtifacts(dovecot.render(system).artifacts, 'dovecot');
    for (const name of ['dovecot.conf', 'quota-warning.conf']) {
      const { code, stderr } = await debian.run(['doveconf', '-n', '-c', `/etc/mailc/current/${name}`], {
        files,
      });
      expect({ name, code, stderr }).toEqual({ name, code: 0, stderr: '' });
    }
  });

  it('compiles the Sieve scripts', async () => {
    const files = laidArtifacts(dovecot.render(aMailSystem()).artifacts, 'dovecot');
    const configuration = '/etc/mailc/current/dovecot.conf';
    const script = `groupadd -g 500 vmail && useradd -u 500 -g 500 -M -d /var/vmail vmail 2>/dev/null
      for name in learn-ham learn-spam spam; do
        sievec -c ${configuration} /etc/mailc/current/$name.sieve /tmp/compiled || exit
      done`;
    expect(await debian.run(['sh', '-c', script], { files })).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('agrees with Postfix and Sieve about the delimiter', async () => {
    const delimiterOf = async (recipientDelimiter: string | null) => {
      const files = laidArtifacts(
        dovecot.render(aMailSystem({ mail: { recipientDelimiter } })).artifacts,
        'dovecot',
      );
      const asked = ['doveconf', '-h', '-c', '/etc/mailc/current/dovecot.conf', 'recipient_delimiter'];
      return (await debian.run(asked, { files })).stdout;
    };
    expect(await delimiterOf('-')).toBe('-\n');
    expect(await delimiterOf(null)).toBe('\n');
  });

  it('has scripts that shellcheck finds nothing in', async () => {
    const files = laidArtifacts(dovecot.render(aMailSystem()).artifacts, 'dovecot');
    const scripts = ['learn/ham', 'learn/spam', 'quota-warning'].map((name) => `/etc/mailc/current/${name}`);
    expect(await debian.run(['shellcheck', ...scripts], { files })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });
});
