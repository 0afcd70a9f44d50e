// What a configuration is judged with: the rights of the real container, and nothing of its own that lasts.

import { expect, it } from 'vitest';
import { aContainer } from '../../../test/support/a-container.ts';
import { checkArguments } from './check-configuration.ts';

const words = checkArguments(
  aContainer({
    check: ['/usr/local/bin/check'],
    mounts: [
      { from: '/srv/mail/mailc/postfix', to: '/etc/mailc', readOnly: true },
      { from: '/srv/mail/queue', to: '/var/spool/postfix', readOnly: false },
      { from: '/srv/mail/mail', to: '/var/vmail', readOnly: true },
      { from: '/etc/ssl/mail', to: '/etc/mailc-tls/key', readOnly: true },
    ],
  }),
  '/srv/mail/mailc/postfix/7',
).join(' ');

it('has no network, pulls nothing, and has no name or port', () => {
  expect(words).toContain('--network none --pull never');
  expect(words).not.toMatch(/--name|--publish/);
});

it('drops what the container drops', () => {
  expect(words).toContain('--cap-drop ALL --cap-add NET_BIND_SERVICE --cap-add SETUID');
  expect(words).toContain('--security-opt no-new-privileges --read-only');
});

it('sees the staged generation and the certificates, read-only, and memory where volumes are', () => {
  expect(words).toContain('--tmpfs /run --tmpfs /var/spool/postfix --tmpfs /var/vmail');
  expect(words.match(/--mount \S+/g)).toEqual([
    '--mount type=bind,source=/srv/mail/mailc/postfix/7,target=/etc/mailc/current,readonly',
    '--mount type=bind,source=/etc/ssl/mail,target=/etc/mailc-tls/key,readonly',
  ]);
});

it('ends with the image and the checker', () => {
  expect(words).toMatch(/ mailc\/postfix:1 \/usr\/local\/bin\/check$/);
});
