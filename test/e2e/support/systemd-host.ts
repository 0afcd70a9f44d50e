// A machine of its own for mailc apply: a container in which systemd is process 1 and has a Docker daemon. Several of
// them, on a network that the test has made, are several hosts.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from '../../../src/model/mail-system.ts';
import { makeAuthority } from './certificates.ts';
import { startDnsServer } from './dns-server.ts';
import { bridgeAddress } from './live-host.ts';
import type { Places } from './mail-system.ts';
import { docker, eventually, type Ran, run, tryRun } from './run.ts';

export const systemdHostImage = 'mailc-test/systemd-host:trixie';

export interface SystemdHost {
  readonly places: Places;
  /** Of who signed its certificate, PEM. */
  readonly ca: string;
  /** Runs a command on it, to its end. Any exit code is an answer. */
  readonly tryRun: (words: readonly string[], stdin?: string) => Promise<Ran>;
  /** What it wrote to stdout; anything but exit code 0 is an error. */
  readonly run: (words: readonly string[], stdin?: string) => Promise<string>;
  readonly write: (path: string, text: string) => Promise<void>;
  /** Gives it another certificate, for any name: paths of it and of its key. */
  readonly issue: (name: string) => Promise<{ readonly certificate: string; readonly key: string }>;
  /** Writes mail.yaml and commits it; gives the commit. More words are for `git commit`. */
  readonly commit: (text: string, ...words: readonly string[]) => Promise<string>;
  readonly mailc: (words: readonly string[]) => Promise<Ran>;
  /** `mailc apply --root / --yes …`: what it printed; anything but exit code 0 is an error. */
  readonly apply: (...words: readonly string[]) => Promise<string>;
  readonly plan: () => Promise<string>;
  /** All that the containers of a service have said. */
  readonly logsOf: (service: ServiceName) => Promise<string>;
  /** Gives once systemd has started all that it starts. */
  readonly reboot: () => Promise<void>;
  /** As a power cut does: without a word to anybody. */
  readonly turnOff: () => Promise<void>;
  /** As `reboot`, of one that is off. */
  readonly turnOn: () => Promise<void>;
  /** Everything that is left of it goes. */
  readonly remove: () => Promise<void>;
}

export interface SystemdHostOptions {
  /** Its full name. */
  readonly name: string;
  /** For `images` of mail.yaml. */
  readonly postgresImage: string;
  readonly postfixImage: string;
  /** What its Docker daemon has. */
  readonly images: readonly string[];
  /** Where other hosts find it; on Docker's own bridge, with a DNS server of its own, if not said. */
  readonly place?: Place;
}

/** A network of Docker that is there, and what is in it. */
export interface Place {
  readonly network: string;
  /** IPv4, of the host. */
  readonly address: string;
  /** Address of a DNS server that runs. */
  readonly dns: string;
}

/** In it: the checkout that its administrator commits to. */
const repository = '/root/mail';
const top = fileURLToPath(new URL('../../..', import.meta.url));

export async function aSystemdHost(options: SystemdHostOptions): Promise<SystemdHost> {
  const container = containerOf(options.name);
  await removeSystemdHost(options.name);
  const { place } = options;
  // Where a container asks that was told nothing else.
  const dns = place === undefined ? await startDnsServer(await bridgeAddress()) : null;
  await startContainer(container, options.name, place ?? null, place?.dns ?? (await bridgeAddress()));
  const inside = (words: readonly string[], stdin = ''): readonly [readonly string[], { stdin: string }] => [
    ['docker', 'exec', '--interactive', '--workdir', repository, container, ...words],
    { stdin },
  ];
  const there = {
    tryRun: (words: readonly string[], stdin?: string) => {
      const [argv, input] = inside(words, stdin);
      return tryRun(argv, { ...input, timeoutMs });
    },
    run: (words: readonly string[], stdin?: string) => {
      const [argv, input] = inside(words, stdin);
      return run(argv, { ...input, timeoutMs });
    },
  };
  const started = async (): Promise<void> => {
    await eventually(
      'systemd has started everything',
      async () => {
        const { stdout } = await there.tryRun(['systemctl', 'is-system-running']);
        if (stdout.trim() === 'degraded') throw new Error(await there.run(['systemctl', '--failed']));
        return stdout.trim() === 'running';
      },
      timeoutMs,
    );
  };
  const write = async (path: string, text: string): Promise<void> => {
    await there.run(['sh', '-c', 'mkdir -p "$(dirname "$1")" && cat >"$1"', 'write', path], text);
  };
  await started();
  // Else what was said before a reboot would be gone.
  await there.run(['sh', '-c', 'mkdir -p /var/log/journal && journalctl --flush']);
  await run(
    [
      'sh',
      '-c',
      'name=$1; shift; docker save "$@" | docker exec -i "$name" docker load --quiet',
      'load',
      container,
      ...options.images,
    ],
    { timeoutMs },
  );
  const { ca, ...tls } = await giveCertificate(container, options.name, '/etc/mailc/tls');
  const mailc = (words: readonly string[]): Promise<Ran> => there.tryRun(['mailc', ...words]);
  return {
    ...there,
    ca,
    places: {
      data: '/srv/mail',
      ...tls,
      postgresImage: options.postgresImage,
      postfixImage: options.postfixImage,
    },
    write,
    issue: async (name) => {
      const { certificate, key } = await giveCertificate(container, name, `/etc/mailc/${name}`);
      return { certificate, key };
    },
    commit: async (text, ...words) => {
      await write(`${repository}/mail.yaml`, text);
      await there.run(['git', 'add', '--all']);
      await there.run(['git', 'commit', '--quiet', '--allow-empty', '--message', 'Change', ...words]);
      return (await there.run(['git', 'rev-parse', 'HEAD'])).trim();
    },
    mailc,
    apply: async (...words) => {
      const { code, stdout, stderr } = await mailc(['apply', '--root', '/', '--yes', ...words]);
      if (code !== 0) throw new Error(`apply ended with ${code}:\n${stdout}\n${stderr}`);
      return stdout + stderr;
    },
    plan: async () => {
      const { code, stdout, stderr } = await mailc(['plan', '--root', '/']);
      if (code !== 0) throw new Error(`plan ended with ${code}:\n${stdout}\n${stderr}`);
      return stdout;
    },
    logsOf: (service) =>
      there.run(['journalctl', '--output=cat', `--unit=mail-${service}`, '_TRANSPORT=stdout']),
    reboot: async () => {
      await docker(['restart', '--time', '120', container], { timeoutMs });
      await started();
    },
    turnOff: async () => {
      await docker(['kill', container], { timeoutMs });
    },
    turnOn: async () => {
      await docker(['start', container], { timeoutMs });
      await started();
    },
    remove: async () => {
      await dns?.stop();
      if (process.env.MAILC_E2E_KEEP !== undefined) return;
      await removeSystemdHost(options.name);
    },
  };
}

/** A busy machine, on which containers run in a container. */
const timeoutMs = 300_000;

function containerOf(name: string): string {
  return `mailc-e2e-systemd-${name.slice(0, name.indexOf('.'))}`;
}

async function startContainer(
  container: string,
  name: string,
  place: Place | null,
  resolver: string,
): Promise<void> {
  await docker([
    ...['create', '--name', container, '--hostname', name, '--cgroupns', 'private'],
    ...(place === null ? [] : ['--network', place.network, '--ip', place.address]),
    ...['/run', '/run/lock', '/tmp'].flatMap((path) => ['--tmpfs', `${path}:exec`]),
    // As much as --privileged gives, but for what some machines do not have to give.
    ...['--cap-add', 'ALL', '--cap-drop', 'SYS_RESOURCE', '--device-cgroup-rule', 'a *:* rwm'],
    ...['seccomp', 'apparmor', 'systempaths'].flatMap((what) => ['--security-opt', `${what}=unconfined`]),
    ...['--sysctl', 'net.ipv6.conf.all.disable_ipv6=0'],
    ...['GIT_AUTHOR', 'GIT_COMMITTER'].flatMap((who) => [
      ...['--env', `${who}_NAME=Test`, '--env', `${who}_EMAIL=test@example.com`],
    ]),
    systemdHostImage,
  ]);
  const daemon = JSON.stringify({ dns: [resolver] });
  // The package as npm installs it.
  const script = `set -e
    mkdir -p /usr/lib/mailc
    tar -C /usr/lib/mailc -x
    ln -s /usr/lib/mailc/dist/mailc.cjs /usr/bin/mailc
    chmod 755 /usr/lib/mailc/dist/mailc.cjs
    git init --quiet --initial-branch=main ${repository}`;
  const folder = mkdtempSync(join(tmpdir(), 'mailc-e2e-'));
  try {
    await run(['sh', '-c', 'printf %s "$1" >"$2/daemon.json"', 'write', daemon, folder]);
    await docker(['cp', join(folder, 'daemon.json'), `${container}:/etc/docker/daemon.json`]);
  } finally {
    rmSync(folder, { recursive: true });
  }
  await docker(['start', container]);
  await run(
    [
      ...['sh', '-c', 'tar -C "$1" -c dist schema systemd package.json | docker exec -i "$2" sh -c "$3"'],
      ...['install', top, container, script],
    ],
    { timeoutMs },
  );
}

/** By an authority of its own. Gives the paths in `target`, a new folder in the container, and who signed it. */
async function giveCertificate(
  container: string,
  name: string,
  target: string,
): Promise<{ readonly certificate: string; readonly key: string; readonly ca: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'mailc-e2e-'));
  try {
    const authority = await makeAuthority(join(folder, 'authority'));
    await authority.issue(name, join(folder, 'tls'));
    await docker(['cp', join(folder, 'tls'), `${container}:${target}`]);
    return {
      certificate: `${target}/fullchain.pem`,
      key: `${target}/privkey.pem`,
      ca: authority.ca,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a run that was killed has left of it. */
export async function removeSystemdHost(name: string): Promise<void> {
  await tryRun(['docker', 'rm', '--force', '--volumes', containerOf(name)], { timeoutMs });
}
