// What the renderer makes, and what OpenDKIM 2.11 says of it. That it signs, and for whom, is tried with Postfix
// in renderers/postfix/mail-flow.test.ts.

import { describe, expect, it } from 'vitest';
import type { MailSystem } from '../../src/model/mail-system.ts';
import { printContent } from '../../src/render/secret-marker.ts';
import { describeReal } from '../../test/debian/debian13.ts';
import { aMailSystem } from '../../test/support/a-mail-system.ts';
import { opendkim } from './index.ts';

const dkim = (selector: string, secret: string) => ({
  selector,
  publicKey: null,
  secret,
  next: null,
  previous: null,
});
const system = aMailSystem({
  domains: [
    'example.com',
    { name: 'example.net', aliasOf: 'example.com', dkim: dkim('y2026', 'dkim.example.net.y2026') },
    { name: 'example.org', dkim: null },
  ],
});

const filesOf = (system: MailSystem): Readonly<Record<string, string>> =>
  Object.fromEntries(
    opendkim
      .render(system)
      .artifacts.map(({ path, content }) => [path.split('/').slice(2).join('/'), printContent(content)]),
  );
const lines = (text: string | undefined) => (text ?? '').split('\n').filter((line) => /^[^#]/.test(line));

describe('the tables', () => {
  it('have each domain that signs, alias domains with a key of their own', () => {
    const files = filesOf(system);
    expect(lines(files.SigningTable)).toEqual(['example.com example.com', 'example.net example.net']);
    expect(lines(files.KeyTable)).toEqual([
      'example.com example.com:mail:/run/opendkim/keys/example.com.mail.pem',
      'example.net example.net:y2026:/run/opendkim/keys/example.net.y2026.pem',
    ]);
  });

  it('have a key file for each entry, which is a secret and nothing else', () => {
    const keys = opendkim.render(system).artifacts.filter(({ path }) => path.includes('/keys/'));
    expect(keys.map(({ path, mode, content }) => [path, mode, content])).toEqual([
      [
        'mail.example.com/opendkim/keys/example.com.mail.pem',
        0o600,
        [{ secret: 'dkim.example.com.mail', syntax: 'raw' }],
      ],
      [
        'mail.example.com/opendkim/keys/example.net.y2026.pem',
        0o600,
        [{ secret: 'dkim.example.net.y2026', syntax: 'raw' }],
      ],
    ]);
  });
});

describe('a rotation', () => {
  const key = (selector: string) => ({ selector, publicKey: null, secret: `dkim.example.com.${selector}` });
  const rotating = aMailSystem({
    domains: [{ name: 'example.com', dkim: { ...key('s2'), next: key('s3'), previous: key('s1') } }],
  });

  it('signs with one key', () => {
    const files = filesOf(rotating);
    expect(lines(files.SigningTable)).toEqual(['example.com example.com']);
    expect(lines(files.KeyTable)).toEqual([
      'example.com example.com:s2:/run/opendkim/keys/example.com.s2.pem',
    ]);
  });

  it('installs all of them, and a key that does not sign restarts nothing', () => {
    const keys = opendkim.render(rotating).artifacts.filter(({ path }) => path.includes('/keys/'));
    expect(keys.map(({ path, effect }) => [path.split('/').at(-1), effect])).toEqual([
      ['example.com.s1.pem', 'nothing'],
      ['example.com.s2.pem', 'restart'],
      ['example.com.s3.pem', 'nothing'],
    ]);
  });
});

describe('the container', () => {
  it('publishes no port, keeps nothing and may change no more than it must', () => {
    const [container] = opendkim.render(system).containers;
    expect(container).toMatchObject({ ports: [], readOnly: true, environment: [] });
    expect(container?.mounts).toEqual([
      { from: '/srv/mail/mailc/opendkim', to: '/etc/mailc', readOnly: true },
    ]);
  });

  it('runs on each host that has the service, and on no other', () => {
    const { artifacts, containers } = opendkim.render(
      aMailSystem({
        hosts: [
          { name: 'mx1.example.com', services: ['opendkim', 'postfix'] },
          { name: 'mx2.example.com', services: ['opendkim', 'postfix'] },
          { name: 'store.example.com', services: ['dovecot', 'postgres'] },
        ],
      }),
    );
    expect(containers.map(({ name }) => name)).toEqual(['opendkim-mx1', 'opendkim-mx2']);
    expect(artifacts.filter(({ path }) => path.endsWith('.pem')).map(({ host }) => host)).toEqual([
      'mx1.example.com',
      'mx2.example.com',
    ]);
  });
});

describeReal("OpenDKIM's checker", (debian) => {
  it.each([
    ['several domains', system],
    ['no domain that signs', aMailSystem({ domains: [{ name: 'example.com', dkim: null }] })],
  ])('has nothing to say of %s', async (_, system) => {
    const files = Object.entries(filesOf(system)).map(([name, text]) => [`/etc/mailc/current/${name}`, text]);
    const checked = await debian.run(['opendkim', '-n', '-x', '/etc/mailc/current/opendkim.conf'], {
      files: Object.fromEntries(files),
    });
    expect(checked).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});
