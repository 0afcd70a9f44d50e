/** Renders containers as scripts of `docker run`, for systemd units, for Docker's restart policies and by hand. */
import type { Artifact, Content, Effect } from '../../src/model/artifact.ts';
import type { Container } from '../../src/model/container.ts';
import type { Host, MailSystem } from '../../src/model/mail-system.ts';
import type { Position } from '../../src/model/position.ts';
import { learnsDaily } from '../../src/render/learning-run.ts';
import type { RuntimeRenderer } from '../../src/render/renderer.ts';
import { renderTemplate } from '../../src/render/template.ts';
import { spansHosts } from './network-options.ts';
import { overlayLimits } from './overlay-limits.ts';
import { learnSpamView, networkView, runView, upView } from './view.ts';

export const docker: RuntimeRenderer = {
  name: 'docker',
  render: (system, containers) => ({
    artifacts: system.hosts.flatMap((host) =>
      scriptsOf(
        system,
        host,
        containers.filter((container) => container.host === host.name),
      ),
    ),
    diagnostics: overlayLimits(system),
  }),
};

function scriptsOf(system: MailSystem, host: Host, containers: readonly Container[]): readonly Artifact[] {
  const script = (name: string, content: Content, effect: Effect, source: Position): Artifact => ({
    path: `${host.name}/docker/${name}.sh`,
    host: host.name,
    unit: 'docker',
    mode: 0o755,
    content,
    effect,
    source,
  });

  const network = networkView(system, host);
  const scripts = [
    script(
      'network',
      spansHosts(system)
        ? renderTemplate('docker/overlay-network.sh', network)
        : renderTemplate('docker/network.sh', network),
      'restart',
      host.source,
    ),
    ...containers.map((container) =>
      script(
        container.service,
        renderTemplate('docker/run.sh', runView(container, host, system.network.name)),
        'restart',
        container.source,
      ),
    ),
  ];
  const amavis = containers.find(({ service }) => service === 'amavis');
  if (amavis !== undefined && learnsDaily(system, host)) {
    const view = learnSpamView(system, host, amavis);
    scripts.push(script('learn-spam', renderTemplate('docker/learn-spam.sh', view), 'nothing', host.source));
  }
  if (host.supervisor === 'docker') {
    const view = upView(host, containers);
    scripts.push(script('up', renderTemplate('docker/up.sh', view), 'nothing', host.source));
  }
  return scripts;
}
