/** What the scripts' templates are given: every word already quoted for sh. */
import type { TemplateViews } from '../../src/generated/templates.js';
import type { Container } from '../../src/model/container.ts';
import type { Host, MailSystem } from '../../src/model/mail-system.ts';
import { shellComment, shellWord } from '../../src/render/escape/shell.ts';
import type { Escaped } from '../../src/render/escaped.ts';
import { trusted } from '../../src/render/escaped.ts';
import { generatedNotice, unitFolder, volumeFolder } from '../../src/render/host-layout.ts';
import { learningCommand } from '../../src/render/learning-run.ts';
import { sha256 } from '../../src/render/manifest.ts';
import { networkOptions } from './network-options.ts';
import { runArguments } from './run-arguments.ts';

const notice = shellComment(generatedNotice);

/** One container's script. */
export function runView(container: Container, host: Host, network: string): TemplateViews['docker/run.sh'] {
  const { definition, options, command } = runArguments(container, network);
  const { healthcheck } = container;
  const patience = secondsUntilHealthy(container);
  return {
    notice,
    name: shellWord(container.name),
    host: shellComment(host.name),
    service: shellWord(container.service),
    patience: number(patience),
    ownerFormat: shellWord('{{index .Config.Labels "mailc.host"}}'),
    owner: shellWord(container.host),
    foreign: shellWord(
      `there is a container "${container.name}" that is not of ${container.host}; remove it first`,
    ),
    stateFormat: shellWord(
      '{{.State.Running}} {{.HostConfig.RestartPolicy.Name}} {{index .Config.Labels "mailc.definition"}}',
    ),
    stateAsDescribed: shellWord(`true unless-stopped ${definition}`),
    healthTimeout: number(healthcheck.timeout),
    health: words(healthcheck.command),
    notHealthy: shellWord(`${container.name} is not healthy after ${patience} seconds`),
    volumes: volumesOf(container, host).map(shellWord),
    options: options.map(words),
    command: words(command),
  };
}

/** What services keep; not what mailc stages, whose absence is an error. Sorted, each once. */
function volumesOf({ mounts }: Container, host: Host): readonly string[] {
  const kept = volumeFolder(host, '');
  const staged = unitFolder(host, '');
  const volumes = mounts.filter(({ from }) => from.startsWith(kept) && !from.startsWith(staged));
  return [...new Set(volumes.map(({ from }) => from))].sort();
}

/** As long as Docker itself would wait before it calls the container unhealthy. */
function secondsUntilHealthy({ healthcheck }: Container): number {
  return healthcheck.startPeriod + healthcheck.interval * healthcheck.retries;
}

/** The network's script; the same view serves the bridge of a single host and the overlay of several. */
export function networkView(
  system: MailSystem,
  host: Host,
): TemplateViews['docker/network.sh'] & TemplateViews['docker/overlay-network.sh'] {
  const { name, subnet4, subnet6 } = system.network;
  const options = networkOptions(system);
  const definition = sha256(JSON.stringify([name, options]));
  return {
    notice,
    host: shellComment(host.name),
    name: shellWord(name),
    definition: shellWord(definition),
    definitionFormat: shellWord('{{index .Labels "mailc.definition"}}'),
    swarmFormat: shellWord('{{.Swarm.LocalNodeState}}/{{.Swarm.ControlAvailable}}'),
    foreign: shellWord(
      `there is a network "${name}" that mailc did not make; give network.name another name`,
    ),
    inUse: shellWord(
      `the network "${name}" has to change; stop all of its containers, then start them again`,
    ),
    open: shellWord('cannot keep others off the ports that containers have for each other'),
    subnets: [
      { iptables: shellWord('iptables'), subnet: shellWord(subnet4) },
      ...(subnet6 === null ? [] : [{ iptables: shellWord('ip6tables'), subnet: shellWord(subnet6) }]),
    ],
    options: [...options, ['--label', `mailc.definition=${definition}`]].map(words),
  };
}

export function learnSpamView(
  system: MailSystem,
  host: Host,
  amavis: Container,
): TemplateViews['docker/learn-spam.sh'] {
  return {
    notice,
    host: shellComment(host.name),
    at: shellComment(system.spam.learnAt),
    container: shellWord(amavis.name),
    command: shellWord(learningCommand),
  };
}

/** Each service with those of its host that should be healthy first. */
export function upView(host: Host, containers: readonly Container[]): TemplateViews['docker/up.sh'] {
  const here = new Set(containers.map(({ service }) => service));
  const services = containers.map(({ service, after }) => [
    service,
    ...after.filter((other) => here.has(other)).sort(),
  ]);
  return { notice, host: shellComment(host.name), services: services.sort().map(words) };
}

function words(values: readonly string[]): Escaped<'shell'> {
  return trusted<'shell'>(values.map(shellWord).join(' '));
}

function number(value: number): Escaped<'shell'> {
  return shellWord(String(value));
}
