/**
 * Renders ClamAV 1.4: clamd, which Amavis sends messages to, clamav-milter, which Postfix asks before it takes one,
 * and freshclam, which brings the signatures.
 */
import type { Artifact, Content } from '../../src/model/artifact.ts';
import type { Container } from '../../src/model/container.ts';
import type { Host, MailSystem } from '../../src/model/mail-system.ts';
import { configurationFolder, unitFolder, volumeFolder } from '../../src/render/host-layout.ts';
import type { ServiceRenderer } from '../../src/render/renderer.ts';
import { renderTemplate } from '../../src/render/template.ts';
import { clamdView, freshclamView, milterView, type Own, ownEndpoints } from './view.ts';

export const clamav: ServiceRenderer = {
  name: 'clamav',
  render: (system) => {
    const placed = system.hosts.flatMap((host) => {
      const own = ownEndpoints(system, host);
      return own === null ? [] : [{ host, own }];
    });
    return {
      artifacts: placed.flatMap(({ host, own }) => filesOf(system, host, own)),
      containers: placed.map(({ host, own }) => containerOf(system, host, own)),
      diagnostics: [],
    };
  },
};

function filesOf(system: MailSystem, host: Host, own: Own): readonly Artifact[] {
  // clamd's RELOAD rereads signatures only, and freshclam knows nothing of the kind.
  const file = (name: string, content: Content): Artifact => ({
    path: `${host.name}/clamav/${name}`,
    host: host.name,
    unit: 'clamav',
    mode: 0o644,
    content,
    effect: 'restart',
    source: host.source,
  });
  return [
    file('clamav-milter.conf', renderTemplate('clamav/clamav-milter.conf', milterView(system, own))),
    file('clamd.conf', renderTemplate('clamav/clamd.conf', clamdView(system, own))),
    file('freshclam.conf', renderTemplate('clamav/freshclam.conf', freshclamView())),
  ];
}

function containerOf(system: MailSystem, host: Host, own: Own): Container {
  return {
    name: own.clamd.container,
    host: host.name,
    service: 'clamav',
    image: system.images.clamav,
    hostname: host.name,
    command: ['clamd', `--config-file=${configurationFolder}/clamd.conf`],
    environment: [],
    mounts: [
      { from: unitFolder(host, 'clamav'), to: '/etc/mailc', readOnly: true },
      { from: volumeFolder(host, 'clamav'), to: '/var/lib/clamav', readOnly: false },
    ],
    ports: [],
    // The entrypoint gives the volume to clamav, whom both daemons become.
    capabilities: ['CHOWN', 'DAC_OVERRIDE', 'KILL', 'SETGID', 'SETUID'],
    tmpfs: ['/run', '/tmp'],
    readOnly: true,
    init: true,
    healthcheck: {
      command: ['/usr/local/bin/healthcheck', `clamd:${own.clamd.port}`, `milter:${own.milter.port}`],
      interval: 30,
      timeout: 10,
      // The first start downloads the signatures, 300 MB of them.
      startPeriod: 600,
      retries: 3,
    },
    after: [],
    reload: null,
    check: ['/usr/local/bin/check'],
    stopTimeout: 15,
    source: host.source,
  };
}
