/** The container that Dovecot runs in. */
import type { Container } from '../../src/model/container.ts';
import type { Host, MailSystem } from '../../src/model/mail-system.ts';
import { configurationFolder, unitFolder, volumeFolder } from '../../src/render/host-layout.ts';
import { tlsFiles } from '../../src/render/tls-files.ts';
import { type ClientPort, clientPorts, clientProtocols, learns, type Peers } from './view.ts';

const configuration = `${configurationFolder}/dovecot.conf`;

export function dovecotContainer(system: MailSystem, host: Host, peers: Peers): Container {
  const published = (Object.keys(clientPorts) as ClientPort[]).flatMap((name) => {
    const port = host.tls === null ? null : host.ports[name];
    return port === null ? [] : [{ host: port, container: clientPorts[name] }];
  });
  return {
    name: peers.lmtp.container,
    host: host.name,
    service: 'dovecot',
    image: system.images.dovecot,
    hostname: host.name,
    command: ['dovecot', '-F', '-c', configuration],
    environment: [],
    mounts: [
      { from: unitFolder(host, 'dovecot'), to: '/etc/mailc', readOnly: true },
      ...(host.tls === null ? [] : tlsFiles(host.tls).mounts),
      ...(learns(system, host)
        ? [{ from: volumeFolder(host, 'learn'), to: '/var/spool/learn', readOnly: false }]
        : []),
      { from: volumeFolder(host, 'mail'), to: '/var/vmail', readOnly: false },
    ],
    ports: published,
    // Users' processes change to vmail, those before a login into an empty chroot.
    capabilities: ['CHOWN', 'DAC_OVERRIDE', 'KILL', 'NET_BIND_SERVICE', 'SETGID', 'SETUID', 'SYS_CHROOT'],
    // In the last one vmail keeps the binaries of the global Sieve scripts.
    tmpfs: ['/run', '/tmp', '/var/lib/dovecot'],
    readOnly: true,
    init: true,
    healthcheck: {
      command: ['/usr/local/bin/healthcheck', ...probes(host, peers)],
      // Dovecot writes a line for each client that comes and does not log in.
      interval: 30,
      timeout: 5,
      startPeriod: 20,
      retries: 3,
    },
    after: ['postgres'],
    reload: ['doveadm', '-c', configuration, 'reload'],
    check: ['/usr/local/bin/check'],
    stopTimeout: 15,
    source: host.source,
  };
}

/** PROTOCOL:PORT of each listener, for the image's healthcheck. */
function probes(host: Host, peers: Peers): readonly string[] {
  const clients = clientProtocols(host).length === 0 ? [] : (Object.keys(clientPorts) as ClientPort[]);
  return [
    `lmtp:${peers.lmtp.port}`,
    ...clients.filter((name) => host.ports[name] !== null).map((name) => `${name}:${clientPorts[name]}`),
  ];
}
