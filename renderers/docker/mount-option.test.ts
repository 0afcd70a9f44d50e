// Paths are a user's: none of them may add a field to the option.

import { describe, expect, it } from 'vitest';
import { mountOption } from './mount-option.ts';

describe('a mount option', () => {
  it('binds a path of the host', () => {
    expect(mountOption({ from: '/srv/mail', to: '/var/vmail', readOnly: false })).toBe(
      'type=bind,source=/srv/mail,target=/var/vmail',
    );
  });

  it('may be read-only', () => {
    expect(mountOption({ from: '/srv/mail/mailc/postfix', to: '/etc/mailc', readOnly: true })).toBe(
      'type=bind,source=/srv/mail/mailc/postfix,target=/etc/mailc,readonly',
    );
  });

  it('quotes a field with a comma or a quote', () => {
    expect(mountOption({ from: '/srv/a,readonly', to: '/x', readOnly: false })).toBe(
      'type=bind,"source=/srv/a,readonly",target=/x',
    );
    expect(mountOption({ from: '/srv/"a"', to: '/x', readOnly: false })).toBe(
      'type=bind,"source=/srv/""a""",target=/x',
    );
  });

  it('leaves colons alone', () => {
    expect(mountOption({ from: '/srv/a:b', to: '/x', readOnly: false })).toBe(
      'type=bind,source=/srv/a:b,target=/x',
    );
  });
});
