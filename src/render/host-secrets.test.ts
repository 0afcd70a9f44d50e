import { expect, test } from 'vitest';
import { compileText } from '../../test/support/compile-text.ts';
import { twoHostsMailYaml } from '../../test/support/small-mail-yaml.ts';
import { secretHosts } from './host-secrets.ts';

test('a host that takes submissions is given the password of the canary, which it logs in with', async () => {
  const { value } = await compileText(
    twoHostsMailYaml.replace(
      '  store.example.com:',
      `  in.example.com:
    addresses: [203.0.113.12]
    tls: { letsencrypt: example.com }
    services: [postfix]
    ports: { submission: false, submissions: false }
  store.example.com:`,
    ),
  );
  if (value === null) throw new Error('it does not compile');

  expect(secretHosts(value).get('canary.password')).toEqual(['store.example.com', 'mx.example.com']);
});
