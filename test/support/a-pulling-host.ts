/** A git server, people who sign, and a host that pulls: real git, ssh-keygen and gpg, in folders that go away. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Run, type RunOptions, runMailc } from './run-mailc.ts';
import { smallMailYaml } from './small-mail-yaml.ts';

export interface PullingHost {
  readonly path: string;
  /** Of the repository on the server. */
  readonly repository: string;
  /** The host's root folder. */
  readonly root: string;
  readonly state: string;
  /** `mailc pull` with the host's configuration. */
  readonly pull: (words?: readonly string[], options?: RunOptions) => Promise<Run>;
  /** Other lines in place of those of agent.yaml with the same name; null for none. */
  readonly configure: (settings: Readonly<Record<string, string | null>>) => void;
  /** Commits to the branch on the server: signed by alice with ssh unless said otherwise. */
  readonly push: (files: Readonly<Record<string, string>>, options?: CommitOptions) => string;
  /** In the clone of whoever pushes. */
  readonly git: (...words: readonly string[]) => string;
}

export interface CommitOptions {
  /** A key of {@link sshKey}, `gpg:FINGERPRINT`, or null for no signature. */
  readonly sign?: string | null;
  /** `--date` and the committer's, as git reads it. */
  readonly date?: string;
  readonly home?: string;
  /** Before the push. */
  readonly parent?: string;
}

export const mailYaml = smallMailYaml;

export async function aPullingHost(): Promise<PullingHost> {
  const path = temporaryFolder();
  const repository = join(path, 'server.git');
  const clone = join(path, 'clone');
  const root = join(path, 'host');
  const state = join(path, 'state');
  run(path, 'git', 'init', '--quiet', '--bare', '--initial-branch=main', repository);
  run(path, 'git', 'clone', '--quiet', repository, clone);
  const alice = sshKey(path, 'alice');
  writeFileSync(join(path, 'allowed'), `alice@example.com namespaces="git" ${alice.publicKey}\n`);
  const settings: Record<string, string | null> = {
    version: '1',
    repository,
    branch: 'main',
    allowed_signers: join(path, 'allowed'),
    host: 'mail.example.com',
    root,
    state,
  };
  mkdirSync(root);
  const configure = (changes: Readonly<Record<string, string | null>>): void => {
    Object.assign(settings, changes);
    const lines = Object.entries(settings).flatMap(([name, value]) =>
      value === null ? [] : [`${name}: ${/^[[\d]/.test(value) ? value : JSON.stringify(value)}\n`],
    );
    writeFileSync(join(path, 'agent.yaml'), lines.join(''), { mode: 0o600 });
  };
  configure({});
  const host: PullingHost = {
    path,
    repository,
    root,
    state,
    configure,
    pull: (words = [], options = {}) =>
      runMailc(['pull', '--config', join(path, 'agent.yaml'), ...words], path, options),
    git: (...words) => run(clone, 'git', ...words),
    push: (files, { sign = join(path, 'alice'), date, home, parent } = {}) => {
      if (parent !== undefined) run(clone, 'git', 'reset', '--quiet', '--hard', parent);
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(clone, name)), { recursive: true });
        writeFileSync(join(clone, name), text);
      }
      run(clone, 'git', 'add', '--all');
      const environment = {
        ...(date === undefined ? {} : { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date }),
        ...(home === undefined ? {} : { GNUPGHOME: home }),
      };
      runWith(
        environment,
        clone,
        'git',
        ...signing(sign),
        'commit',
        '--quiet',
        '--allow-empty',
        '-m',
        'Change',
      );
      run(clone, 'git', 'push', '--quiet', '--force', 'origin', 'HEAD:main');
      return run(clone, 'git', 'rev-parse', 'HEAD');
    },
  };
  return host;
}

function signing(key: string | null): readonly string[] {
  if (key === null) return ['-c', 'commit.gpgSign=false'];
  const [format, name] = key.startsWith('gpg:') ? ['openpgp', key.slice(4)] : ['ssh', key];
  return ['-c', `gpg.format=${format}`, '-c', `user.signingKey=${name}`, '-c', 'commit.gpgSign=true'];
}

export interface SshKey {
  /** The path of the private key. */
  readonly path: string;
  readonly publicKey: string;
}

export function sshKey(folder: string, name: string): SshKey {
  const path = join(folder, name);
  if (!existsSync(path)) run(folder, 'ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path);
  return { path, publicKey: readFileSync(`${path}.pub`, 'utf8').trim() };
}

export interface GpgKey {
  readonly home: string;
  readonly fingerprint: string;
  /** Armoured. */
  readonly publicKey: string;
}

/** `expires` as gpg takes it: `never`, `seconds=1`. */
export function gpgKey(user: string, expires = 'never'): GpgKey {
  const home = temporaryFolder();
  const gpg = (...words: readonly string[]) =>
    run(home, 'gpg', '--homedir', home, '--batch', '--quiet', ...words);
  onTestFinished(() => {
    execFileSync('gpgconf', ['--homedir', home, '--kill', 'all'], { stdio: 'ignore' });
  });
  gpg('--passphrase', '', '--quick-generate-key', user, 'ed25519', 'sign', expires);
  const fingerprint = /^fpr:+([0-9A-F]+):/m.exec(gpg('--list-keys', '--with-colons'))?.[1] ?? '';
  return { home, fingerprint, publicKey: gpg('--armor', '--export') };
}

function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'mailc-pulling-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function run(folder: string, program: string, ...words: readonly string[]): string {
  return runWith({}, folder, program, ...words);
}

function runWith(
  environment: Readonly<Record<string, string>>,
  folder: string,
  program: string,
  ...words: readonly string[]
): string {
  return execFileSync(program, words, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}
