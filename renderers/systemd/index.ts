/** Renders containers as systemd units; each runs the container's script of the docker renderer. */
import type { Artifact, Content, Effect } from '../../src/model/artifact.ts';
import type { Container } from '../../src/model/container.ts';
import type { Host, MailSystem } from '../../src/model/mail-system.ts';
import type { Position } from '../../src/model/position.ts';
import { learnsDaily } from '../../src/render/learning-run.ts';
import type { RuntimeRenderer } from '../../src/render/renderer.ts';
import { renderTemplate } from '../../src/render/template.ts';
import {
  containerView,
  learnServiceView,
  learnTimerView,
  networkView,
  targetView,
  unitName,
} from './view.ts';

export const systemd: RuntimeRenderer = {
  name: 'systemd',
  render: (system, containers) => ({
    artifacts: system.hosts
      .filter((host) => host.supervisor === 'systemd')
      .flatMap((host) =>
        unitsOf(
          system,
          host,
          containers.filter((container) => container.host === host.name),
        ),
      ),
    diagnostics: [],
  }),
};

function unitsOf(system: MailSystem, host: Host, containers: readonly Container[]): readonly Artifact[] {
  const unit = (name: string, content: Content, effect: Effect, source: Position): Artifact => ({
    path: `${host.name}/systemd/${name}`,
    host: host.name,
    unit: 'systemd',
    mode: 0o644,
    content,
    effect,
    source,
  });
  const learns = learnsDaily(system, host);

  return [
    unit(
      'mail.target',
      renderTemplate('systemd/mail.target', targetView(host, containers, learns)),
      'nothing',
      host.source,
    ),
    unit(
      unitName('network', 'service'),
      renderTemplate('systemd/network.service', networkView(system, host)),
      'restart',
      host.source,
    ),
    ...containers.map((container) =>
      unit(
        unitName(container.service, 'service'),
        renderTemplate('systemd/container.service', containerView(container, host, containers)),
        'restart',
        container.source,
      ),
    ),
    ...(learns ? learningUnits(system, host, unit) : []),
  ];
}

function learningUnits(
  system: MailSystem,
  host: Host,
  unit: (name: string, content: Content, effect: Effect, source: Position) => Artifact,
): readonly Artifact[] {
  return [
    unit(
      unitName('learn-spam', 'service'),
      renderTemplate('systemd/learn-spam.service', learnServiceView(host)),
      'nothing',
      host.source,
    ),
    unit(
      unitName('learn-spam', 'timer'),
      renderTemplate('systemd/learn-spam.timer', learnTimerView(system, host)),
      'restart',
      host.source,
    ),
  ];
}
