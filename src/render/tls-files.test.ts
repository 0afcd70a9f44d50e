import { expect, test } from 'vitest';
import { tlsFiles } from './tls-files.ts';

test("of Let's Encrypt exactly one certificate's links and files are mounted, where they are on the host", () => {
  const files = tlsFiles({
    certificate: '/etc/letsencrypt/live/example.com/fullchain.pem',
    key: '/etc/letsencrypt/live/example.com/privkey.pem',
  });

  expect(files).toEqual({
    certificate: '/etc/letsencrypt/live/example.com/fullchain.pem',
    key: '/etc/letsencrypt/live/example.com/privkey.pem',
    mounts: ['archive', 'live'].map((part) => ({
      from: `/etc/letsencrypt/${part}/example.com`,
      to: `/etc/letsencrypt/${part}/example.com`,
      readOnly: true,
    })),
  });
});

test('of own files the folders are mounted, so that a renamed-in renewal is seen', () => {
  const files = tlsFiles({ certificate: '/srv/tls/chain.pem', key: '/srv/tls/private/key.pem' });

  expect(files).toEqual({
    certificate: '/etc/mailc-tls/certificate/chain.pem',
    key: '/etc/mailc-tls/key/key.pem',
    mounts: [
      { from: '/srv/tls', to: '/etc/mailc-tls/certificate', readOnly: true },
      { from: '/srv/tls/private', to: '/etc/mailc-tls/key', readOnly: true },
    ],
  });
});

test.each([
  ['/etc/chain.pem', 'directly in a folder that is no business of the container'],
  ['/chain.pem', 'in the root folder'],
  ['/srv/tls/full chain $1.pem', 'with a name that configuration files could misread'],
])('%s, %s, is mounted alone and under a plain name', (certificate) => {
  const files = tlsFiles({ certificate, key: '/srv/tls/key.pem' });

  expect(files.certificate).toBe('/etc/mailc-tls/certificate.pem');
  expect(files.mounts[0]).toEqual({
    from: certificate,
    to: '/etc/mailc-tls/certificate.pem',
    readOnly: true,
  });
});

test('a key of another certificate brings the folders of that one', () => {
  const { mounts } = tlsFiles({
    certificate: '/etc/letsencrypt/live/a.example/fullchain.pem',
    key: '/etc/letsencrypt/live/b.example/privkey.pem',
  });

  expect(mounts.map(({ to }) => to)).toEqual([
    '/etc/letsencrypt/archive/a.example',
    '/etc/letsencrypt/archive/b.example',
    '/etc/letsencrypt/live/a.example',
    '/etc/letsencrypt/live/b.example',
  ]);
});
