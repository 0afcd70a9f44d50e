/** Runs the built command as a user does: a process of its own, in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { simpleGit } from 'simple-git';
import { onTestFinished } from 'vitest';

const mailc = fileURLToPath(new URL('../../dist/mailc.cjs', import.meta.url));

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** A command with its arguments that runs the rest of its arguments, such as setpriv. */
  readonly wrapper?: readonly string[];
  /** Sees the process once it runs, to send it signals. */
  readonly onStart?: (child: ChildProcess) => void;
}

export interface Folder {
  readonly path: string;
  readonly mailc: (words: readonly string[], options?: RunOptions) => Promise<Run>;
  readonly write: (files: Readonly<Record<string, string>>) => void;
  /** Adds and commits everything; gives the commit's id. */
  readonly commit: (message?: string) => Promise<string>;
}

/** A new folder, gone when the test is. With `git`, a repository in which the files are committed. */
export async function aFolder(
  files: Readonly<Record<string, string>>,
  { git = true }: { readonly git?: boolean } = {},
): Promise<Folder> {
  const path = mkdtempSync(join(tmpdir(), 'mailc-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const folder: Folder = {
    path,
    mailc: (words, options) => runMailc(words, path, options),
    write: (more) => {
      for (const [name, text] of Object.entries(more)) {
        mkdirSync(dirname(join(path, name)), { recursive: true });
        writeFileSync(join(path, name), text);
      }
    },
    commit: async (message = 'Change') => {
      const repository = simpleGit(path);
      await repository.add('.');
      await repository.commit(message);
      return (await repository.revparse(['HEAD'])).trim();
    },
  };
  folder.write(files);
  if (git) {
    await simpleGit(path).init();
    await folder.commit('A first mail.yaml');
  }
  return folder;
}

export function runMailc(words: readonly string[], cwd: string, options: RunOptions = {}): Promise<Run> {
  return new Promise((resolve, reject) => {
    const { PATH = '', HOME = '' } = process.env;
    const git = Object.entries(process.env).filter(([name]) => name.startsWith('GIT_'));
    const env = { PATH, HOME, ...Object.fromEntries(git), ...options.environment };
    const argv = [...(options.wrapper ?? []), process.execPath, mailc, ...words];
    const child = spawn(argv[0] ?? '', argv.slice(1), { cwd, env, stdio: 'pipe' });
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        output[stream] += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...output }));
    child.stdin.end(options.stdin ?? '');
    options.onStart?.(child);
  });
}
