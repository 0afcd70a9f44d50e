// Starts a program of the Debian 13 tree in namespaces of its own, with files laid over the tree for it alone.
// How the tree is entered is in enter.sh; here the files are prepared and the process is described.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file laid over the tree: its content, or that with a mode (0644 if not said) and an owner (`user`, `user:group`). */
export type LaidFile =
  | string
  | { readonly content: string | Buffer; readonly mode?: number; readonly owner?: string };

export interface EnterOptions {
  /** Absolute paths inside the tree. Directories that are missing are made, owned by root, 0755. */
  readonly files?: Readonly<Record<string, LaidFile>>;
  /** Paths of the machine made visible inside, writable: inside path to machine path. */
  readonly binds?: Readonly<Record<string, string>>;
  /** root if not said. */
  readonly user?: string;
  /** mail.example.com if not said; /etc/hosts inside knows it. */
  readonly hostname?: string;
  /** A loopback of its own if not said: two tests may both listen on port 25, and nothing reaches the world. */
  readonly network?: 'loopback' | 'host';
  readonly env?: Readonly<Record<string, string>>;
}

// Node's stdio are sockets, which a program cannot open again as /dev/stdout (Postfix's maillog_file does); these
// are pipes. The cats are outside the namespaces, so they end when the last program inside does. (bash needs
// --norc for the same sockets: it takes them for rshd and reads .bashrc.)
const pipes = 'exec "$0" "$@" < <(cat 2>/dev/null) > >(cat) 2> >(cat >&2)';

const script = fileURLToPath(new URL('enter.sh', import.meta.url));

/** The program runs until it ends or the returned process is killed, which kills all that it started. */
export function enter(
  root: string,
  argv: readonly string[],
  options: EnterOptions = {},
): ChildProcessWithoutNullStreams {
  const { hostname = 'mail.example.com', network = 'loopback', user = 'root', env = {} } = options;
  const scratch = mkdtempSync(join(tmpdir(), 'mailc-debian13-'));
  const forget = () => rmSync(scratch, { recursive: true, force: true });
  const hosts = `127.0.0.1 localhost\n::1 localhost\n127.0.1.1 ${hostname} ${hostname.split('.')[0]}\n`;
  try {
    mkdirSync(join(scratch, 'layer'));
    layFiles(root, scratch, { '/etc/hosts': hosts, '/etc/hostname': `${hostname}\n`, ...options.files });
  } catch (error) {
    forget();
    throw error;
  }

  // --pdeathsig and --kill-child: however this process ends, nothing stays behind.
  const namespaces = ['--mount', '--uts', '--ipc', '--pid', ...(network === 'loopback' ? ['--net'] : [])];
  const binds = Object.entries(options.binds ?? {}).flatMap(([inside, outside]) => [
    '--bind',
    outside,
    inside,
  ]);
  const child = spawn(
    'bash',
    ['--norc', '-c', pipes, 'setpriv', '--pdeathsig', 'KILL', 'unshare', ...namespaces]
      .concat(['--fork', '--kill-child', '--propagation', 'private'])
      .concat(['sh', script, root, scratch, hostname, network, user])
      .concat(binds, '--', argv),
    {
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        LC_ALL: 'C.UTF-8',
        ...env,
      },
    },
  );
  child.once('close', forget);
  return child;
}

function layFiles(root: string, scratch: string, files: Readonly<Record<string, LaidFile>>): void {
  const paths: string[] = [];
  for (const [path, file] of Object.entries(files)) {
    if (!posix.isAbsolute(path) || posix.normalize(path) !== path || path.endsWith('/')) {
      throw new Error(`a file to lay over Debian 13 needs an absolute, normal path: ${path}`);
    }
    const { content, mode = 0o644, owner = 'root' } = typeof file === 'string' ? { content: file } : file;
    const staged = join(scratch, 'files', path);
    mkdirSync(dirname(staged), { recursive: true });
    writeFileSync(staged, content);
    chownSync(staged, ...ids(root, owner));
    chmodSync(staged, mode);
    paths.push(path.slice(1));
  }
  writeFileSync(join(scratch, 'list'), paths.join('\0'));
}

const known = new Map<string, [uid: number, gid: number]>();

/** The numbers that the tree, not the machine, gives to a user and group. */
export function ids(root: string, owner: string): [uid: number, gid: number] {
  const key = `${root} ${owner}`;
  const numbers = known.get(key) ?? readIds(root, owner);
  known.set(key, numbers);
  return numbers;
}

function readIds(root: string, owner: string): [uid: number, gid: number] {
  const [user, group] = owner.split(':');
  const passwd = entry(root, 'passwd', user ?? '');
  return [Number(passwd[2]), Number(group === undefined ? passwd[3] : entry(root, 'group', group)[2])];
}

function entry(root: string, database: 'passwd' | 'group', name: string): readonly string[] {
  const line = readFileSync(join(root, 'etc', database), 'utf8')
    .split('\n')
    .find((candidate) => candidate.startsWith(`${name}:`));
  if (line === undefined) throw new Error(`Debian 13 has no ${database} entry "${name}"`);
  return line.split(':');
}
