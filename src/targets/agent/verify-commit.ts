/** Whether a commit is signed by a key that the host allows, as git-verify-commit(1) sees it, today. */
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Diagnostic, error, type Staged } from '../../diagnostics/diagnostic.ts';
import { quote } from '../../diagnostics/quote.ts';
import type { AgentConfig } from './agent-config.ts';
import type { Clone } from './clone.ts';
import { type GitRun, runGit, runProgram } from './run-git.ts';
import { splitSignature } from './split-signature.ts';

export interface Verified {
  /** The principal of ssh, or the user id and fingerprint of gpg. Not safe to print as it is. */
  readonly by: string;
}

export interface VerifyOptions {
  readonly config: AgentConfig;
  readonly clone: Clone;
  readonly signal: AbortSignal;
}

/** The signature of this one commit; by naming its parents it vouches for all that came before. */
export async function verifyCommit(commit: string, options: VerifyOptions): Promise<Staged<Verified>> {
  const { signature, payload } = splitSignature(await options.clone.commitObject(commit));
  if (signature === null) {
    return failed(
      error('commit-unsigned', null, `commit ${commit} is not signed`, {
        hint: 'sign it with an allowed key (git commit --amend --no-edit -S) and push again',
      }),
    );
  }
  const { allowedSigners, gpgKeys } = options.config;
  if (signature.startsWith('-----BEGIN SSH SIGNATURE-----')) {
    if (allowedSigners === null)
      return refused(commit, 'it is signed with ssh, and agent.yaml allows gpg alone');
    return unreadable(allowedSigners) ?? verifySsh(commit, signature, payload, allowedSigners, options);
  }
  if (signature.startsWith('-----BEGIN PGP ')) {
    if (gpgKeys === null) return refused(commit, 'it is signed with gpg, and agent.yaml allows ssh alone');
    return unreadable(gpgKeys) ?? verifyGpg(commit, gpgKeys, options);
  }
  return refused(commit, 'its signature is neither of ssh nor of gpg');
}

async function verifySsh(
  commit: string,
  signature: string,
  payload: string,
  allowed: string,
  options: VerifyOptions,
): Promise<Staged<Verified>> {
  const run = await gitVerify(commit, options, {
    'gpg.ssh.allowedSignersFile': allowed,
    'gpg.ssh.program': 'ssh-keygen',
    'gpg.program': 'false',
  });
  const principal = /^Good "git" signature for (.*) with \S+ key \S+$/m.exec(run.stderr)?.[1];
  if (run.code !== 0 || principal === undefined) return refused(commit, sshReason(run));
  const { principals } = options.config;
  if (principals !== null && !principals.includes(principal)) {
    return refused(commit, `its key is that of ${quote(principal)}, whom agent.yaml does not name`);
  }
  // git asks whether the key was valid at the time that the commit gives for itself, which its author chooses.
  if (!(await isValidToday(signature, payload, principal, allowed, options))) {
    return refused(commit, `the key of ${quote(principal)} is not valid any more (valid-before)`);
  }
  return { value: { by: principal }, diagnostics: [] };
}

function sshReason({ stdout, stderr }: GitRun): string {
  const said = stdout + stderr;
  const key = /with (\S+ key SHA256:\S+)/.exec(said)?.[1];
  const its = key === undefined ? 'its key' : `its ${key}`;
  if (/namespace/.test(said)) return `${its} may not sign for git (namespaces= in the allowed signers)`;
  if (/expired|valid-before/.test(said)) return `${its} has expired (valid-before= in the allowed signers)`;
  if (/not yet valid|valid-after/.test(said)) return `${its} is not valid yet (valid-after=)`;
  if (/revoked/i.test(said)) return `${its} is revoked`;
  if (/^Good "git" signature with/m.test(said)) return `${its} is none of the allowed signers`;
  return 'the signature does not fit the commit';
}

async function isValidToday(
  signature: string,
  payload: string,
  principal: string,
  allowed: string,
  { config, signal }: VerifyOptions,
): Promise<boolean> {
  return inTemporaryFolder(async (folder) => {
    const file = join(folder, 'signature');
    writeFileSync(file, signature, 'latin1');
    const words = ['-Y', 'verify', '-n', 'git', '-f', allowed, '-I', principal, '-s', file];
    const stdin = Buffer.from(payload, 'latin1');
    const run = await runProgram('ssh-keygen', words, {
      folder,
      environment: {},
      seconds: config.timeLimit,
      signal,
      stdin,
    });
    return run.code === 0;
  });
}

/** A keyring of its own: every key in it may sign, and no other key on the machine counts. */
async function verifyGpg(commit: string, keys: string, options: VerifyOptions): Promise<Staged<Verified>> {
  return inTemporaryFolder(async (folder) => {
    const { config, signal } = options;
    const environment = { GNUPGHOME: folder };
    writeFileSync(join(folder, 'gpg.conf'), gpgConfiguration, { mode: 0o600 });
    const imported = await runProgram('gpg', ['--batch', '--quiet', '--import', '--', keys], {
      folder,
      environment,
      seconds: config.timeLimit,
      signal,
    });
    if (imported.ended === 'not installed') return refused(commit, 'the program gpg is not installed');
    if (imported.code !== 0) return refused(commit, `gpg cannot read the keys in ${quote(keys)}`);
    const settings = { 'gpg.program': 'gpg', 'gpg.ssh.program': 'false' };
    const run = await gitVerify(commit, options, settings, environment);
    const status = new Map(
      [...run.stderr.matchAll(/^\[GNUPG:\] (\w+) ?(.*)$/gm)].map(([, name = '', rest = '']) => [name, rest]),
    );
    const good = status.get('GOODSIG');
    const key = status.get('VALIDSIG')?.split(' ').at(-1);
    if (run.code !== 0 || good === undefined || key === undefined) return refused(commit, gpgReason(status));
    return { value: { by: `${good.slice(good.indexOf(' ') + 1)} (${key})` }, diagnostics: [] };
  });
}

/** No web of trust, no key servers, no daemon that would outlive the folder. */
const gpgConfiguration = 'trust-model always\nno-autostart\nno-auto-key-retrieve\nno-auto-key-locate\n';

/** doc/DETAILS of GnuPG has the names. */
function gpgReason(status: ReadonlyMap<string, string>): string {
  const key = (name: string): string => status.get(name)?.split(' ')[0] ?? '';
  if (status.has('REVKEYSIG')) return `its key ${key('REVKEYSIG')} is revoked`;
  if (status.has('EXPKEYSIG')) return `its key ${key('EXPKEYSIG')} has expired`;
  if (status.has('EXPSIG')) return 'its signature has expired';
  if (status.has('NO_PUBKEY')) return `its key ${key('NO_PUBKEY')} is none of the allowed keys`;
  return 'the signature does not fit the commit';
}

function gitVerify(
  commit: string,
  { config, clone, signal }: VerifyOptions,
  settings: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<GitRun> {
  const chosen = Object.entries({ 'gpg.minTrustLevel': 'fully', ...settings });
  return runGit({
    folder: clone.folder,
    words: [
      ...chosen.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      'verify-commit',
      '--raw',
      commit,
    ],
    environment,
    seconds: config.timeLimit,
    signal,
  });
}

async function inTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'mailc-pull-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function unreadable(path: string): Staged<never> | null {
  try {
    accessSync(path, constants.R_OK);
    return null;
  } catch {
    return failed(
      error('commit-signature-refused', null, `the list of who may sign, ${quote(path)}, cannot be read`),
    );
  }
}

function refused(commit: string, reason: string): Staged<never> {
  return failed(error('commit-signature-refused', null, `commit ${commit} is refused: ${reason}`));
}

function failed(diagnostic: Diagnostic): Staged<never> {
  return { value: null, diagnostics: [diagnostic] };
}
