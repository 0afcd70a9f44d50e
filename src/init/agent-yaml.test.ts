import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readAgentConfig } from '../targets/agent/agent-config.ts';
import { agentYaml, type FirstAgent } from './agent-yaml.ts';

const answers: FirstAgent = {
  repository: 'git@git.example.com:mail.git',
  branch: 'main',
  file: 'mail.yaml',
  host: 'mail.example.com',
  allowedSigners: '/etc/mailc/allowed_signers',
  gpgKeys: null,
  database: null,
  sshKey: '/etc/mailc/ssh_key',
  knownHosts: null,
  credentials: null,
};

test('the first agent.yaml', () => {
  expect(
    agentYaml(answers),
  ).toBe(`# What this host pulls, and who may sign it: docs/agent.md. mailc pull reads it.
version: 1
repository: git@git.example.com:mail.git
branch: main
# The path of mail.yaml in the repository.
file: mail.yaml
# Which host of mail.yaml this machine is.
host: mail.example.com

# Who may sign the head of the branch: ssh-keygen(1), ALLOWED SIGNERS; or gpg --export.
allowed_signers: /etc/mailc/allowed_signers
# gpg_keys: /etc/mailc/allowed-keys.asc

# How to reach the repository: a key without a passphrase and the host key; or git-credential-store(1).
ssh_key: /etc/mailc/ssh_key
# known_hosts: /etc/mailc/known_hosts
# credentials: /etc/mailc/git-credentials

# As mailc apply --database.
# database: postgres://postgres@localhost/mail
`);
});

test('is a configuration without a fault', () => {
  const { value, diagnostics } = readAgentConfig({
    path: 'agent.yaml',
    text: agentYaml(answers),
    isExposed: false,
  });
  expect(diagnostics).toEqual([]);
  expect(value).toMatchObject({ repository: answers.repository, host: 'mail.example.com' });
});

test('an answer stands in the file as a value, whatever it holds', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'a:#-{}[]&*!|>%@"\'\\ \n,?~0.x/') }),
    fc.constantFrom('true', 'No', 'null', '1.5', '0x10', '~', '-', '---', '2001-01-01'),
  );
  fc.assert(
    fc.property(texts, texts, (odd, other) => {
      const read = parse(agentYaml({ ...answers, repository: odd, branch: other, gpgKeys: odd }));
      expect(read).toMatchObject({ repository: odd, branch: other, gpg_keys: odd });
    }),
  );
});
