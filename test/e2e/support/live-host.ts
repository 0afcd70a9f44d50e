// This machine as the host of a mail.yaml: a repository whose owner commits and runs mailc, and nothing else.

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Run, type RunOptions, runMailc } from '../../support/run-mailc.ts';
import { type Authority, makeAuthority } from './certificates.ts';
import { logsEnvironment, saidBy } from './container-logs.ts';
import { type DnsServer, startDnsServer } from './dns-server.ts';
import {
  buildTrustingPostfix,
  type Places,
  placesPrefix,
  refuseStrangers,
  removeEverything,
  trustingPostfix,
} from './mail-system.ts';
import { docker, run, tryRun } from './run.ts';

export interface LiveHost {
  /** The repository, with mail.yaml in it. */
  readonly folder: string;
  /** DATA of the host. */
  readonly data: string;
  readonly places: Places;
  readonly authority: Authority;
  /** Whom the containers ask. */
  readonly dns: DnsServer;
  /** Writes mail.yaml and commits it; gives the commit. */
  readonly commit: (text: string, message?: string) => Promise<string>;
  readonly mailc: (words: readonly string[], options?: RunOptions) => Promise<Run>;
  /** `mailc apply --root / --yes …`: what it printed; anything but exit code 0 is an error. */
  readonly apply: (...words: readonly string[]) => Promise<string>;
  /** For each container of mailc: its id, when it was started, and how often Docker restarted it. */
  readonly containers: () => Promise<ReadonlyMap<string, string>>;
  /** All that a container has said, and those before it of its name. */
  readonly logsOf: (container: string) => Promise<string>;
  readonly stop: () => Promise<void>;
}

export interface LiveHostOptions {
  readonly host: string;
  readonly postgresImage: string;
}

const shims = fileURLToPath(new URL('../bin', import.meta.url));

export async function aLiveHost(options: LiveHostOptions): Promise<LiveHost> {
  await removeEverything();
  const top = mkdtempSync(placesPrefix);
  const folder = join(top, 'repository');
  const data = join(top, 'data');
  const logs = join(top, 'logs');
  mkdirSync(folder);
  const authority = await makeAuthority(join(top, 'authority'));
  const { certificate, key } = await authority.issue(options.host, join(top, 'tls'));
  await buildTrustingPostfix(join(top, 'authority'));
  const { postgresImage } = options;
  const dns = await startDnsServer(await bridgeAddress());
  const places: Places = { data, certificate, key, postgresImage, postfixImage: trustingPostfix };
  await refuseStrangers(['amavis', 'clamav', 'dovecot', 'opendkim', 'postfix', 'postgres']);
  const git = (...words: readonly string[]): Promise<string> => run(['git', ...words], { cwd: folder });
  await git('init', '--quiet', '--initial-branch=main');
  const realDocker = (await run(['sh', '-c', 'command -v docker'])).trim();
  const environment: Record<string, string> = {
    PATH: `${shims}:${process.env.PATH ?? ''}`,
    MAILC_E2E_DOCKER: realDocker,
    MAILC_E2E_DNS: await bridgeAddress(),
    ...logsEnvironment(logs),
    ...(process.env.DOCKER_HOST === undefined ? {} : { DOCKER_HOST: process.env.DOCKER_HOST }),
  };
  const mailc = (words: readonly string[], more: RunOptions = {}): Promise<Run> =>
    runMailc(words, folder, { ...more, environment: { ...environment, ...more.environment } });
  return {
    folder,
    data,
    places,
    authority,
    dns,
    commit: async (text, message = 'Change') => {
      writeFileSync(join(folder, 'mail.yaml'), text);
      await git('add', '--all');
      await git('commit', '--quiet', '--allow-empty', '--message', message);
      return (await git('rev-parse', 'HEAD')).trim();
    },
    mailc,
    apply: async (...words) => {
      const { code, stdout, stderr } = await mailc(['apply', '--root', '/', '--yes', ...words]);
      if (code !== 0) throw new Error(`apply ended with ${code}:\n${stdout}\n${stderr}`);
      return stdout + stderr;
    },
    containers: async () => {
      const format = '{{.Name}} {{.Id}} {{.State.StartedAt}} {{.RestartCount}}';
      const ids = (await docker(['ps', '--all', '--quiet', '--filter', 'label=mailc.host']))
        .split('\n')
        .filter(Boolean);
      if (ids.length === 0) return new Map();
      const lines = (await docker(['inspect', '--format', format, ...ids])).split('\n').filter(Boolean);
      return new Map(
        lines.map((line) => [line.slice(1, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
      );
    },
    logsOf: async (container) => (await saidBy(container, logs)).join('\n'),
    stop: async () => {
      await dns.stop();
      await removeEverything();
      await tryRun(['rm', '-rf', dirname(folder)]);
    },
  };
}

/** Of this machine on Docker's own bridge, which is there before the mail network is. */
export async function bridgeAddress(): Promise<string> {
  // A bridge without containers is down, and takes no packets for its own address either.
  await run(['ip', 'link', 'set', 'docker0', 'up']);
  const shown = await run(['ip', '-4', '-json', 'address', 'show', 'docker0']);
  const [bridge] = JSON.parse(shown) as readonly {
    readonly addr_info: readonly { readonly local: string }[];
  }[];
  return bridge?.addr_info[0]?.local ?? '';
}
