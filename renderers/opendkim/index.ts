/** OpenDKIM: signs what users submit, as a milter of Postfix. One container on each host that runs it. */
import type { Artifact, Content } from '../../src/model/artifact.ts';
import type { Container } from '../../src/model/container.ts';
import type { Host, MailSystem } from '../../src/model/mail-system.ts';
import { configurationFolder, unitFolder } from '../../src/render/host-layout.ts';
import type { ServiceRenderer } from '../../src/render/renderer.ts';
import { renderTemplate } from '../../src/render/template.ts';
import { containerName } from '../../src/resolve/endpoints.ts';
import { configurationView, domainKeys, milterPort, tablesView } from './view.ts';

export const opendkim: ServiceRenderer = {
  name: 'opendkim',
  render: (system) => {
    const artifacts: Artifact[] = [];
    const containers: Container[] = [];
    for (const host of system.hosts) {
      const port = milterPort(system, host);
      if (!host.services.includes('opendkim') || port === null) continue;
      artifacts.push(...artifactsOf(system, host, port));
      containers.push(containerOf(system, host));
    }
    return { artifacts, containers, diagnostics: [] };
  },
};

/**
 * A change of what signs restarts: the daemon reads copies of the keys, and starts within milliseconds. The other
 * keys of a rotation are installed too, so that the host makes a key before it signs, and keeps it for a while after.
 */
function artifactsOf(system: MailSystem, host: Host, port: number): readonly Artifact[] {
  const keys = domainKeys(system);
  const file = (name: string, content: Content, mode = 0o644): Artifact => ({
    path: `${host.name}/opendkim/${name}`,
    host: host.name,
    unit: 'opendkim',
    mode,
    content,
    effect: 'restart',
    source: null,
  });
  return [
    file('KeyTable', renderTemplate('opendkim/KeyTable', tablesView(keys))),
    file('SigningTable', renderTemplate('opendkim/SigningTable', tablesView(keys))),
    ...keys.map(
      (key): Artifact => ({
        ...file(`keys/${key.file}`, [{ secret: key.secret, syntax: 'raw' }], 0o600),
        effect: key.stage === 'signing' ? 'restart' : 'nothing',
        source: key.source,
      }),
    ),
    file('opendkim.conf', renderTemplate('opendkim/opendkim.conf', configurationView(port))),
  ];
}

function containerOf(system: MailSystem, host: Host): Container {
  return {
    name: containerName('opendkim', host, system.hosts),
    host: host.name,
    service: 'opendkim',
    image: system.images.opendkim,
    hostname: host.name,
    command: ['opendkim', '-f', '-x', `${configurationFolder}/opendkim.conf`],
    environment: [],
    mounts: [{ from: unitFolder(host, 'opendkim'), to: '/etc/mailc', readOnly: true }],
    ports: [],
    capabilities: ['CHOWN', 'DAC_OVERRIDE', 'KILL', 'SETGID', 'SETUID'],
    tmpfs: ['/run', '/tmp'],
    readOnly: true,
    init: true,
    // Part of the image: asks whether the milter's port answers.
    healthcheck: {
      command: ['/usr/local/bin/healthcheck'],
      interval: 30,
      timeout: 10,
      startPeriod: 10,
      retries: 3,
    },
    after: [],
    reload: null,
    check: ['/usr/local/bin/check'],
    stopTimeout: 10,
    source: host.source,
  };
}
