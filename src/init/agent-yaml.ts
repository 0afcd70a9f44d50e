/** Writes a first agent.yaml: what was answered, and in comments what else there is to say. */

export interface FirstAgent {
  readonly repository: string;
  readonly branch: string;
  readonly file: string;
  readonly host: string;
  readonly allowedSigners: string | null;
  readonly gpgKeys: string | null;
  readonly database: string | null;
  readonly sshKey: string | null;
  readonly knownHosts: string | null;
  readonly credentials: string | null;
}

/** Whatever the answers are, they stand in the file as values. */
export function agentYaml(agent: FirstAgent): string {
  const set = (name: string, value: string): string => `${name}: ${scalar(value)}\n`;
  const either = (name: string, value: string | null, example: string): string =>
    value === null ? `# ${name}: ${example}\n` : set(name, value);
  return [
    '# What this host pulls, and who may sign it: docs/agent.md. mailc pull reads it.\n',
    'version: 1\n',
    set('repository', agent.repository),
    set('branch', agent.branch),
    '# The path of mail.yaml in the repository.\n',
    set('file', agent.file),
    '# Which host of mail.yaml this machine is.\n',
    set('host', agent.host),
    '\n# Who may sign the head of the branch: ssh-keygen(1), ALLOWED SIGNERS; or gpg --export.\n',
    either('allowed_signers', agent.allowedSigners, '/etc/mailc/allowed_signers'),
    either('gpg_keys', agent.gpgKeys, '/etc/mailc/allowed-keys.asc'),
    '\n# How to reach the repository: a key without a passphrase and the host key; or git-credential-store(1).\n',
    either('ssh_key', agent.sshKey, '/etc/mailc/ssh_key'),
    either('known_hosts', agent.knownHosts, '/etc/mailc/known_hosts'),
    either('credentials', agent.credentials, '/etc/mailc/git-credentials'),
    '\n# As mailc apply --database.\n',
    either('database', agent.database, 'postgres://postgres@localhost/mail'),
  ].join('');
}

/** Bare where every reader of YAML takes it for text; else as JSON, which YAML reads too. */
function scalar(value: string): string {
  return /^[A-Za-z/][\w@/.-]*(:[\w@/.-]+)*$/.test(value) && !/^(true|false|null|yes|no)$/i.test(value)
    ? value
    : JSON.stringify(value);
}
