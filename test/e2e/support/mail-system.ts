// Brings a whole mail system up from a mail.yaml as its owner would: compiled, staged on the host, its containers
// started by the scripts of out/, its database synchronised by sync.sql. Around it stands a world of the test's
// own: a DNS server, an outside mail host, client addresses.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Compiled, compile } from '../../../src/compile.ts';
import type { Artifact } from '../../../src/model/artifact.ts';
import type { Container } from '../../../src/model/container.ts';
import type { MailSystem, ServiceName } from '../../../src/model/mail-system.ts';
import { printContent } from '../../../src/render/secret-marker.ts';
import { builtImage } from '../../../src/targets/docker-build.ts';
import { openHostTarget } from '../../../src/targets/host/host-target.ts';
import { type Authority, makeAuthority } from './certificates.ts';
import { addressesIn } from './container-addresses.ts';
import { logsEnvironment, saidBy } from './container-logs.ts';
import { type DnsServer, startDnsServer } from './dns-server.ts';
import { docker, type Ran, run, tryRun } from './run.ts';

/** What a mail.yaml of a test has to name. */
export interface Places {
  /** For `hosts.NAME.data`. */
  readonly data: string;
  /** For `hosts.NAME.tls`. */
  readonly certificate: string;
  readonly key: string;
  /** For `images`. */
  readonly postgresImage: string;
  readonly postfixImage: string;
}

export interface SystemOptions {
  /** The one host that runs everything. */
  readonly host: string;
  readonly source: (places: Places) => string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Changes the host before anything starts, such as ClamAV's signatures. */
  readonly prepare?: (data: string) => void;
}

export interface RunningSystem {
  readonly system: MailSystem;
  readonly containers: readonly Container[];
  /** In which the scripts run: containers that they start ask the test's DNS server. */
  readonly environment: Readonly<Record<string, string>>;
  readonly host: string;
  readonly data: string;
  readonly authority: Authority;
  readonly dns: DnsServer;
  /** An address of this machine in the mail network, from which clients and servers of the test speak. */
  readonly outsideAddress: (number: number) => Promise<string>;
  /** The same for IPv6. */
  readonly outsideAddress6: (number: number) => Promise<string>;
  /** Of the mail network, as clients through a published port seem to come from. */
  readonly gateway: string;
  /** The container's address of now. */
  readonly addressOf: (container: string) => Promise<string>;
  readonly addressOf6: (container: string) => Promise<string>;
  /** Runs a command in a container, to its end within 30 seconds. */
  readonly exec: (container: string, command: readonly string[], stdin?: string) => Promise<Ran>;
  /** Has a container that can read its configuration again do so. */
  readonly reload: (container: string) => Promise<void>;
  /** Runs one of the host's scripts, such as `up.sh`, or `postfix.sh --wait`. */
  readonly script: (name: string, ...words: readonly string[]) => Promise<void>;
  readonly secret: (name: string) => string;
  /** All that a container has said, and those before it of its name; since the beginning, or a time (RFC 3339, UTC). */
  readonly logsOf: (container: string, since?: string) => Promise<string>;
  readonly sql: (statement: string) => Promise<string>;
  /** Stages another mail.yaml as the next generation, synchronises the database and has Postfix and Dovecot reload. */
  readonly reconfigure: (source: (places: Places) => string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

// Not below /tmp, which mail.yaml may not name.
export const placesPrefix = '/srv/mailc-e2e-';
/** What `network.name` of every test's mail.yaml says. */
export const testNetwork = 'mailc-e2e';
const shims = fileURLToPath(new URL('../bin', import.meta.url));

export async function startMailSystem(options: SystemOptions, postgresImage: string): Promise<RunningSystem> {
  const folder = mkdtempSync(placesPrefix);
  const data = join(folder, 'data');
  const logs = join(folder, 'logs');
  const authority = await makeAuthority(join(folder, 'authority'));
  const { certificate, key } = await authority.issue(options.host, join(folder, 'tls'));
  // Meanwhile the database starts.
  const trusting = buildTrustingPostfix(join(folder, 'authority'));
  trusting.catch(() => {});
  const places = { data, certificate, key, postgresImage, postfixImage: trustingPostfix };
  const { system, artifacts, containers } = await compileOrExplain(options.source(places));
  const { network } = system;

  await refuseStrangers(containers.map(({ name }) => name));

  const install = (compiled: Compiled): ReadonlyMap<string, string> => {
    const target = openHostTarget({
      host: options.host,
      root: '/',
      data,
      secrets: compiled.system.secrets,
      environment: { ...process.env, ...options.environment },
    });
    const values = target.keepSecrets(new Map());
    target.stage(unitsOf(compiled.artifacts, options.host), values, null).switchUnits();
    return values;
  };
  const secrets = install({ system, artifacts, containers });
  options.prepare?.(data);

  // As `docker network create` numbers a subnet.
  const gateway = network.subnet4.replace(/\.0\/\d+$/, '.1');
  const environment = {
    PATH: `${shims}:${process.env.PATH ?? ''}`,
    MAILC_E2E_DOCKER: await dockerCommand(),
    MAILC_E2E_DNS: gateway,
    ...logsEnvironment(logs),
  };
  const script = async (name: string, ...words: readonly string[]): Promise<void> => {
    await run(['sh', join(data, 'mailc/docker/current', name), ...words], {
      timeoutMs: 300_000,
      environment,
    });
  };
  await script('network.sh');
  const bridge = `br-${(await docker(['network', 'inspect', '--format', '{{.Id}}', network.name])).slice(0, 12)}`;
  // A bridge without containers is down, and takes no packets for its own addresses either.
  await run(['ip', 'link', 'set', bridge, 'up']);
  const dns = await startDnsServer(gateway);

  const exec = (container: string, command: readonly string[], stdin?: string): Promise<Ran> =>
    tryRun(['docker', 'exec', '-i', container, ...command], {
      timeoutMs: 30_000,
      ...(stdin === undefined ? {} : { stdin }),
    });
  const reload = async (container: string): Promise<void> => {
    const command = containers.find(({ name }) => name === container)?.reload;
    if (!command) throw new Error(`${container} knows no reload`);
    const { code, stderr } = await exec(container, command);
    if (code !== 0) throw new Error(`reload of ${container}: ${stderr}`);
  };
  const psql = async (text: string): Promise<string> => {
    const { name, passwordSecret } = system.database;
    const { code, stdout, stderr } = await exec(
      'postgres',
      [
        ...['psql', '--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--username=postgres'],
        ...[
          `--dbname=${name}`,
          '--set=ON_ERROR_STOP=1',
          `--set=mail_password=${secrets.get(passwordSecret)}`,
        ],
        '--file=-',
      ],
      text,
    );
    if (code !== 0) throw new Error(`psql: ${stdout}${stderr}`);
    return stdout.trimEnd();
  };

  await script('postgres.sh', '--detach');
  await script('postgres.sh', '--wait');
  await psql(textOf(artifacts, 'database/sync.sql'));
  await trusting;
  await script('up.sh');

  const addresses = new Set<string>();
  const ownAddress = async (address: string, ...options: readonly string[]): Promise<string> => {
    if (!addresses.has(address)) await run(['ip', 'address', 'replace', address, 'dev', bridge, ...options]);
    addresses.add(address);
    return address.replace(/\/\d+$/, '');
  };
  return {
    system,
    containers,
    environment,
    host: options.host,
    data,
    authority,
    dns,
    gateway,
    outsideAddress: (number) => ownAddress(`${network.subnet4.replace(/\.0\/\d+$/, `.${number}`)}/32`),
    // nodad: usable at once, without asking for two seconds whether somebody else has it.
    outsideAddress6: async (number) => {
      if (network.subnet6 === null) throw new Error('this mail network has no IPv6');
      return ownAddress(`${network.subnet6.replace(/::\/\d+$/, `::e:${number}`)}/128`, 'nodad');
    },
    addressOf: async (container) => (await addressesIn(network.name, container)).IPAddress,
    addressOf6: async (container) => (await addressesIn(network.name, container)).GlobalIPv6Address,
    exec,
    reload,
    script,
    secret: (name) => secrets.get(name) ?? '',
    logsOf: async (container, since) => (await saidBy(container, logs, since)).join('\n'),
    sql: psql,
    reconfigure: async (next) => {
      const compiled = await compileOrExplain(next(places));
      install(compiled);
      await psql(textOf(compiled.artifacts, 'database/sync.sql'));
      for (const container of ['postfix', 'dovecot']) await reload(container);
    },
    stop: async () => {
      await dns.stop();
      await removeEverything();
    },
  };
}

/** mailc's image, and in it the test's own authority among those that Postfix trusts as a client. */
export const trustingPostfix = 'mailc-test/postfix:trusting';

/** Builds it; the folder has the authority. */
export async function buildTrustingPostfix(authority: string): Promise<void> {
  writeFileSync(
    join(authority, 'Dockerfile'),
    `FROM ${builtImage('postfix')}\nCOPY ca.pem /usr/local/share/ca-certificates/test.crt\nRUN update-ca-certificates\n`,
  );
  await docker(['build', '--quiet', '--tag', trustingPostfix, authority]);
}

async function compileOrExplain(source: string): Promise<Compiled> {
  const { value, diagnostics } = await compile([{ path: 'mail.yaml', text: source }]);
  if (value !== null) return value;
  throw new Error(diagnostics.map(({ severity, message }) => `${severity}: ${message}`).join('\n'));
}

function unitsOf(artifacts: readonly Artifact[], host: string): ReadonlyMap<string, readonly Artifact[]> {
  const units = new Map<string, Artifact[]>();
  for (const artifact of artifacts) {
    if (artifact.host !== host || artifact.unit === null) continue;
    units.set(artifact.unit, [...(units.get(artifact.unit) ?? []), artifact]);
  }
  return units;
}

function textOf(artifacts: readonly Artifact[], path: string): string {
  const artifact = artifacts.find((one) => one.path === path);
  if (artifact === undefined) throw new Error(`there is no ${path}`);
  return printContent(artifact.content);
}

/** The real one: the scripts are run with another one before it on the PATH. */
async function dockerCommand(): Promise<string> {
  return (await run(['sh', '-c', 'command -v docker'])).trim();
}

/** The scripts replace containers by name; a mail system that really serves someone must not be one of them. */
export async function refuseStrangers(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const mounts = '{{range .Mounts}}{{println .Source}}{{end}}';
    const { code, stdout } = await tryRun(['docker', 'container', 'inspect', '--format', mounts, name]);
    if (code === 0 && !stdout.split('\n').some((path) => path.startsWith(placesPrefix))) {
      throw new Error(
        `this machine has a container "${name}" that is not of these tests; they would replace it`,
      );
    }
  }
}

/** What this run, or one that was killed, has left on the machine. */
export async function removeEverything(): Promise<void> {
  const mounts = '{{.Id}}{{range .Mounts}} {{.Source}}{{end}}';
  const all = (await docker(['ps', '--all', '--quiet', '--filter', 'label=mailc.host']))
    .split('\n')
    .filter(Boolean);
  const described = all.length === 0 ? '' : await docker(['inspect', '--format', mounts, ...all]);
  const ours = described.split('\n').filter((line) => line.includes(` ${placesPrefix}`));
  if (ours.length > 0) {
    await docker(['rm', '--force', '--volumes', ...ours.map((line) => line.split(' ')[0] ?? '')]);
  }
  await tryRun(['docker', 'network', 'rm', testNetwork]);
  for (const name of readdirSync('/srv')) {
    if (`/srv/${name}`.startsWith(placesPrefix)) rmSync(`/srv/${name}`, { recursive: true, force: true });
  }
}

/** Files below a service's volume, such as ClamAV's signatures. */
export function writeVolumeFile(data: string, service: ServiceName, name: string, text: string): void {
  mkdirSync(join(data, service), { recursive: true });
  writeFileSync(join(data, service, name), text);
}
