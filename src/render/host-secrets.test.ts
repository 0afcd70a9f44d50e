import { expect, test } from 'vitest';
import { compileText } from '../../test/support/compile-text.ts';
import { smallMailYaml } from '../../test/support/small-mail-yaml.ts';
import { secretHosts } from './host-secrets.ts';

test('a host that takes submissions is given the password of the canary, which it logs in with', async () => {
  const { value } = await compileText(
    smallMailYaml.replace(
      /hosts:[\s\S]*?postmaster/,
      `hosts:
  mx.example.com:
    addresses: [203.0.113.11]
    tls: { letsencrypt: example.com }
    services: [postfix]
    ports: { submission: false, submissions: false }
  out.example.com:
    addresses: [203.0.113.12]
    tls: { letsencrypt: example.com }
    services: [amavis, clamav, opendkim, postfix]
  store.example.com:
    addresses: [203.0.113.10]
    tls: { letsencrypt: example.com }
    services: [dovecot, postgres]
postmaster`,
    ),
  );
  if (value === null) throw new Error('it does not compile');

  expect(secretHosts(value).get('canary.password')).toEqual(['store.example.com', 'out.example.com']);
});
