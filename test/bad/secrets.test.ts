/** Whatever is wrong with a file, and however it is printed: nobody reads a password in it. */
import { expect, test } from 'vitest';
import { analyse } from '../../src/compile.ts';
import { formatGithub } from '../../src/diagnostics/format/github.ts';
import { formatJson } from '../../src/diagnostics/format/json.ts';
import { formatSarif } from '../../src/diagnostics/format/sarif.ts';
import { formatText } from '../../src/diagnostics/format/text.ts';

const canary = 'hunter2canary';

/** A user, as people get it wrong; `?` is the password. */
const users = [
  'bob@example.com: ?',
  'bob@example.com: "?"',
  'bob@example.com: [?]',
  'bob@example.com: { ? }',
  'bob@example.com: { password:? }',
  'bob@example.com: { password ? }',
  'bob@example.com: { password: ?, qouta: 5GB }',
  'bob@example.com: { qouta: 5GB, password: ? }',
  'bob@example.com: { password: [?] }',
  'bob@example.com: { password: { hash: ? } }',
  'bob@example.com: { password: ?',
  'bob@example.com:\n    password: ?',
  'bob@example.com:\n    password: "?"',
  'bob@example.com:\n    password:?',
  'bob@example.com:\n    password:?\n    quota: 5GB',
  'bob@example.com:\n    password ?',
  'bob@example.com:\n    password = ?\n    quota: 5GB',
  'bob@example.com:\n    password: "?',
  "bob@example.com:\n    password: 'it's ?'",
  'bob@example.com:\n    password: "x" ?',
  'bob@example.com:\n    password: "x"#?',
  'bob@example.com:\n    password: x: ?',
  'bob@example.com:\n    password: "\\d?"',
  'bob@example.com:\n    password: "\\0?"',
  'bob@example.com:\n    password: @?',
  'bob@example.com:\n    password: *?',
  'bob@example.com:\n    password: &? x',
  'bob@example.com:\n    password: !?',
  'bob@example.com:\n    password: %?',
  'bob@example.com:\n    password: `?`',
  'bob@example.com:\n    password: {?}',
  'bob@example.com:\n    password: [?',
  'bob@example.com:\n    password: |\n      ?',
  'bob@example.com:\n    password: |?',
  'bob@example.com:\n    password: >-\n      ?\n      ?',
  'bob@example.com:\n    password:\n      ?',
  'bob@example.com:\n    password:\n      - ?',
  'bob@example.com:\n    password:\n      "?',
  'bob@example.com:\n    password:\n    \t?',
  'bob@example.com:\n    password: x\n    ?\n    quota: 5GB',
  'bob@example.com:\n    password: ?\n    password: ?',
  'bob@example.com:\n    passwort: ?\n    passwort: ?',
  'bob@example.com:\n    Password: ?',
  'bob@example.com:\n    pass: ?',
  'bob@example.com:\n    pw: ?',
  'bob@example.com:\n    secret_word: ?',
  'bob@example.com:\n    password: {MD5}?',
  'bob@example.com:\n    password: "{PLAIN}?"',
  'bob@example.com:\n    password: "$1$salt$?"',
  'bob@example.com:\n    password: "{SHA512-CRYPT}$6$?"',
  'bob@example.com:\n    password: $6$rounds=10$?$?',
];

/** The same for the password of a smarthost. */
const relays = [
  'password: ?',
  'password: "?"',
  'password: [?]',
  'password: { env: ? }',
  'password: { file: ? }',
  'password: { value: ? }',
  'password: { ? }',
  'password:\n    env: ?',
  'password:\n    ?',
  'password:?',
  'pasword: ?',
  'secret: ?',
  'pass: ?',
];

const head = [
  'version: 1',
  'hosts:',
  '  mail.example.com:',
  '    addresses: [203.0.113.10]',
  '    tls: { letsencrypt: example.com }',
  'domains:',
  '  example.com: {}',
];
const relay = ['relay:', '  host: smtp.provider.example', '  username: mail'];

test.each([
  ...users.map((user) => [user, [...head, 'users:', `  ${user}`]] as const),
  ...relays.map((password) => [password, [...head, ...relay, `  ${password}`]] as const),
])('%j', (_mistake, lines) => {
  const text = `${lines.join('\n').replaceAll('?', canary)}\n`;
  const files = [{ path: 'mail.yaml', text }];
  const { value, diagnostics } = analyse(files);
  expect(value).toBeNull();
  expect(diagnostics.length).toBeGreaterThan(0);
  for (const output of [
    formatText(diagnostics, files),
    formatJson(diagnostics),
    formatGithub(diagnostics),
    formatSarif(diagnostics, '0.0.0'),
  ]) {
    expect(output).not.toContain(canary);
  }
});
