/** The agent's own clone: one branch, fetched and never merged, and the files of one commit beside it. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Diagnostic, error, type Staged } from '../../diagnostics/diagnostic.ts';
import { DiagnosticError } from '../../diagnostics/diagnostic-error.ts';
import { quote } from '../../diagnostics/quote.ts';
import { shellCommand } from '../../render/escape/shell.ts';
import { makeFolders } from '../make-folders.ts';
import type { AgentConfig } from './agent-config.ts';
import { makeStateFolder } from './agent-state.ts';
import { transportOf } from './git-names.ts';
import { type GitRun, runGit } from './run-git.ts';

export interface Clone {
  /** The work tree, which holds what {@link checkOut} wrote. */
  readonly folder: string;
  /** Brings the branch and gives the id of its head. */
  readonly fetch: () => Promise<Staged<string>>;
  readonly isAncestor: (ancestor: string, commit: string) => Promise<boolean>;
  /** The commit object, a character a byte. */
  readonly commitObject: (commit: string) => Promise<string>;
  /** Makes a commit that of HEAD, for whoever asks which commit the files are of. */
  readonly moveHead: (commit: string) => Promise<void>;
}

export interface CloneOptions {
  readonly config: AgentConfig;
  readonly signal: AbortSignal;
}

/**
 * Makes the clone where there is none. Nobody else may use the folder meanwhile (takePullLock). Throws
 * DiagnosticError where it cannot be written.
 */
export async function openClone({ config, signal }: CloneOptions): Promise<Staged<Clone>> {
  const folder = join(config.state, 'checkout');
  const git = (words: readonly string[], environment = {}, encoding: 'utf8' | 'latin1' = 'utf8') =>
    runGit({ folder, words, environment, seconds: config.timeLimit, signal, encoding });
  try {
    makeStateFolder(config.state);
    makeFolders(folder);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DiagnosticError(
      error('host-not-writable', null, `the folder of the agent's state cannot be written: ${reason}`, {
        hint: 'run mailc pull as root on the host, or name a folder of your own as "state" in agent.yaml',
      }),
    );
  }
  if (!existsSync(join(folder, '.git/HEAD'))) {
    const made = await git(['init', '--quiet', '--template=', '--initial-branch=none']);
    if (made.code !== 0) return { value: null, diagnostics: [failed('cannot be made', made)] };
  }
  // A git that was killed leaves them, and the next one would wait for ever.
  for (const name of staleLocks) rmSync(join(folder, '.git', name), { force: true });
  return {
    value: {
      folder,
      fetch: () => fetchBranch(config, git),
      isAncestor: async (ancestor, commit) =>
        (await git(['merge-base', '--is-ancestor', ancestor, commit])).code === 0,
      commitObject: async (commit) => (await git(['cat-file', 'commit', commit], {}, 'latin1')).stdout,
      moveHead: async (commit) => {
        if (readFileSync(join(folder, '.git/HEAD'), 'utf8').trim() === commit) return;
        const moved = await git([...noReflog, 'update-ref', '--no-deref', 'HEAD', commit]);
        if (moved.code !== 0) throw new Error(`git update-ref: ${moved.stderr}`);
      },
    },
    diagnostics: [],
  };
}

const staleLocks = [
  'HEAD.lock',
  'config.lock',
  'packed-refs.lock',
  'shallow.lock',
  'gc.pid',
  'refs/mailc/fetched.lock',
  'objects/maintenance.lock',
];
const noReflog = ['-c', 'core.logAllRefUpdates=false'];
const fetched = 'refs/mailc/fetched';

type Git = (words: readonly string[], environment?: Readonly<Record<string, string>>) => Promise<GitRun>;

async function fetchBranch(config: AgentConfig, git: Git): Promise<Staged<string>> {
  const head = async (): Promise<string> =>
    (
      await git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${fetched}^{commit}`])
    ).stdout.trim();
  const before = await head();
  const { repository, branch } = config;
  const run = await git(
    [
      ...noReflog,
      ...credentials(config),
      'fetch',
      '--quiet',
      '--no-tags',
      '--no-recurse-submodules',
      '--no-write-fetch-head',
      '--no-auto-maintenance',
      '--',
      repository,
      // Also where it was rewound: whether to follow is not for git to decide.
      `+refs/heads/${branch}:${fetched}`,
    ],
    { GIT_ALLOW_PROTOCOL: transportOf(repository) ?? 'none', GIT_SSH_COMMAND: sshCommand(config) },
  );
  if (run.code !== 0) {
    const what = `of ${quote(repository)} cannot be fetched`;
    return { value: null, diagnostics: [failed(what, run, branch)] };
  }
  const after = await head();
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(after)) {
    return { value: null, diagnostics: [failed(`of ${quote(repository)} is no commit`, run, branch)] };
  }
  // Many small fetches make many small files.
  if (after !== before) await git(['-c', 'gc.autoDetach=false', 'gc', '--auto', '--quiet']);
  return { value: after, diagnostics: [] };
}

function credentials({ credentials: file }: AgentConfig): readonly string[] {
  if (file === null) return [];
  return ['-c', `credential.helper=${shellCommand(['store', `--file=${file}`])}`];
}

/** git hands it to a shell. A host whose key is not known is refused: there is nobody to ask. */
function sshCommand({ sshKey, knownHosts }: AgentConfig): string {
  return shellCommand([
    'ssh',
    '-o',
    'BatchMode=yes',
    '-o',
    'StrictHostKeyChecking=yes',
    ...(sshKey === null ? [] : ['-o', 'IdentitiesOnly=yes', '-i', sshKey]),
    ...(knownHosts === null ? [] : ['-o', `UserKnownHostsFile=${sshValue(knownHosts)}`]),
  ]);
}

/** ssh_config(5): a value with spaces stands in double quotes, and `%` begins a token. */
function sshValue(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`;
}

function failed(what: string, run: GitRun, branch?: string): Diagnostic {
  const subject = branch === undefined ? "the agent's clone" : `the branch ${quote(branch)}`;
  if (run.ended === 'not installed') {
    return error('git-not-found', null, 'the program git is not installed', { hint: 'install git' });
  }
  return error('pull-fetch-failed', null, `${subject} ${what}: ${reasonOf(run)}`);
}

function reasonOf({ ended, stderr }: GitRun): string {
  if (ended === 'too late') return 'it takes longer than the "time_limit" of agent.yaml';
  if (ended === 'interrupted') return 'interrupted';
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const said = lines.filter(
    (line) => /^(fatal|error|remote|ssh): /.test(line) || /denied|verification/.test(line),
  );
  return (said.length > 0 ? said : lines).slice(0, 3).join('; ') || 'git says nothing more';
}
