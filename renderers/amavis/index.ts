/** Renders Amavis 2.13 with SpamAssassin 4: the content filter of mail that comes in on port 25. */
import type { Artifact, Content, Effect } from '../../src/model/artifact.ts';
import type { Container } from '../../src/model/container.ts';
import type { Host, MailSystem } from '../../src/model/mail-system.ts';
import { configurationFolder, unitFolder, volumeFolder } from '../../src/render/host-layout.ts';
import type { ServiceRenderer } from '../../src/render/renderer.ts';
import { renderTemplate } from '../../src/render/template.ts';
import {
  amavisdView,
  learnSpamView,
  learns,
  localStartView,
  localView,
  type Peers,
  peersOf,
  pluginsView,
  razorView,
} from './view.ts';

export const amavis: ServiceRenderer = {
  name: 'amavis',
  render: (system) => {
    const placed = system.hosts.flatMap((host) => {
      const peers = peersOf(system, host);
      return peers === null ? [] : [{ host, peers }];
    });
    return {
      artifacts: placed.flatMap(({ host, peers }) => filesOf(system, host, peers)),
      containers: placed.map(({ host, peers }) => containerOf(system, host, peers)),
      diagnostics: [],
    };
  },
};

function filesOf(system: MailSystem, host: Host, peers: Peers): readonly Artifact[] {
  const { spam } = system;
  const file = (name: string, content: Content, effect: Effect = 'reload', mode = 0o644): Artifact => ({
    path: `${host.name}/amavis/${name}`,
    host: host.name,
    unit: 'amavis',
    mode,
    content,
    effect,
    source: host.source,
  });
  return [
    file('amavisd.conf', renderTemplate('amavis/amavisd.conf', amavisdView(system, host, peers))),
    ...(spam.enabled
      ? [
          file('spamassassin/local.cf', renderTemplate('amavis/spamassassin-local.cf', localView(system))),
          file('spamassassin/plugins.pre', renderTemplate('amavis/plugins.pre', pluginsView(system))),
          file('spamassassin/LocalStart.pm', renderTemplate('amavis/LocalStart.pm', localStartView())),
        ]
      : []),
    ...(spam.enabled && spam.razor
      ? [file('razor-agent.conf', renderTemplate('amavis/razor-agent.conf', razorView()))]
      : []),
    ...(spam.enabled && spam.bayes
      ? [file('learn-spam', renderTemplate('amavis/learn-spam', learnSpamView()), 'nothing', 0o755)]
      : []),
  ];
}

function containerOf(system: MailSystem, host: Host, peers: Peers): Container {
  const configuration = `${configurationFolder}/amavisd.conf`;
  const volume = (name: string, to: string, readOnly = false) => ({
    from: volumeFolder(host, name),
    to,
    readOnly,
  });
  return {
    name: peers.amavis.container,
    host: host.name,
    service: 'amavis',
    image: system.images.amavis,
    hostname: host.name,
    command: ['amavisd', '-c', configuration, 'foreground'],
    environment: [],
    mounts: [
      { from: unitFolder(host, 'amavis'), to: '/etc/mailc', readOnly: true },
      volume('amavis', '/var/lib/amavis'),
      ...(system.spam.enabled ? [volume('spamassassin', '/var/lib/spamassassin')] : []),
      ...(system.spam.enabled && system.spam.bayes ? [volume('bayes', '/var/spamassassin/bayes_db')] : []),
      ...(learns(system, host)
        ? [volume('learn', '/var/spool/learn'), volume('mail', '/var/vmail', true)]
        : []),
    ],
    ports: [],
    // Amavis becomes the user amavis at once. The learning run reads mail as root, and learns as amavis.
    capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'KILL', 'SETGID', 'SETUID'],
    tmpfs: ['/run', '/tmp'],
    readOnly: true,
    init: true,
    healthcheck: {
      command: ['/usr/local/bin/healthcheck', `smtp:${peers.amavis.port}`],
      interval: 10,
      timeout: 10,
      startPeriod: 60,
      retries: 3,
    },
    after: system.virus.enabled ? ['clamav'] : [],
    reload: ['amavisd', '-c', configuration, 'reload'],
    check: ['/usr/local/bin/check'],
    // Messages that are being checked are finished first.
    stopTimeout: 30,
    source: host.source,
  };
}
