/** Postfix: mail from other servers and from users, to Dovecot and out. One container a host. */
import type { Artifact, Content, Effect } from '../../src/model/artifact.ts';
import type { Container } from '../../src/model/container.ts';
import { type Host, type MailSystem, type ServiceName, serviceNames } from '../../src/model/mail-system.ts';
import { srsKeySecret } from '../../src/model/secret.ts';
import { postfixTableText } from '../../src/render/escape/postfix.ts';
import { shellWord } from '../../src/render/escape/shell.ts';
import { trusted } from '../../src/render/escaped.ts';
import {
  configurationFolder,
  generatedNotice,
  unitFolder,
  volumeFolder,
} from '../../src/render/host-layout.ts';
import type { ServiceRenderer } from '../../src/render/renderer.ts';
import { secretMarker } from '../../src/render/secret-marker.ts';
import { renderTemplate } from '../../src/render/template.ts';
import { tlsFiles } from '../../src/render/tls-files.ts';
import { containerName } from '../../src/resolve/endpoints.ts';
import { disabledUsersTable, pgsqlTables } from './pgsql-tables.ts';
import {
  mailNetworkView,
  mainView,
  masterView,
  missingContainerView,
  neighboursView,
  notice,
  ownSendersView,
  type Peers,
  peersOf,
  pgsqlTableView,
  relayHost,
  sieveClientsView,
  srsView,
  systemAliasesView,
} from './view.ts';

export const postfix: ServiceRenderer = {
  name: 'postfix',
  render: (system) => {
    const artifacts: Artifact[] = [];
    const containers: Container[] = [];
    for (const host of system.hosts) {
      const peers = peersOf(system, host);
      if (peers === null) continue;
      artifacts.push(...artifactsOf(system, host, peers));
      containers.push(containerOf(system, host, peers));
    }
    return { artifacts, containers, diagnostics: [] };
  },
};

function artifactsOf(system: MailSystem, host: Host, peers: Peers): readonly Artifact[] {
  const { relay, mail } = system;
  const file = (name: string, content: Content, effect: Effect = 'reload'): Artifact => ({
    path: `${host.name}/postfix/${name}`,
    host: host.name,
    unit: 'postfix',
    mode: content.some((part) => typeof part !== 'string') ? 0o600 : 0o644,
    content,
    effect,
    source: null,
  });
  // The last one whether main.cf asks it or not: who starts between a change of that and the reload finds the table and
  // may ask it.
  const tables = [...pgsqlTables, disabledUsersTable(mail.recipientDelimiter)];
  const files = [
    file('main.cf', renderTemplate('postfix/main.cf', mainView(system, host, peers))),
    file('master.cf', renderTemplate('postfix/master.cf', masterView(system, host, peers))),
    ...tables.map(({ name, purpose, query }) =>
      file(
        `pgsql-${name}.cf`,
        renderTemplate('postfix/pgsql-table.cf', pgsqlTableView(system, peers, purpose, query)),
      ),
    ),
    file('mail-network.cidr', renderTemplate('postfix/mail-network.cidr', mailNetworkView(system))),
    file(
      'missing-container.regexp',
      renderTemplate('postfix/missing-container.regexp', missingContainerView(peers)),
    ),
    // release-waiting reads it every time.
    file('neighbours', renderTemplate('postfix/neighbours', neighboursView(system, host, peers)), 'nothing'),
    file('own-senders.regexp', renderTemplate('postfix/own-senders.regexp', ownSendersView(host))),
    file('sieve-clients.regexp', renderTemplate('postfix/sieve-clients.regexp', sieveClientsView(system))),
    file('srs-addresses.regexp', renderTemplate('postfix/srs-addresses.regexp', srsView(system))),
    file('srs-refusals.regexp', renderTemplate('postfix/srs-refusals.regexp', srsView(system))),
    file('submission-headers.regexp', renderTemplate('postfix/submission-headers.regexp', { notice })),
    file('system-aliases', renderTemplate('postfix/system-aliases', systemAliasesView(system, host))),
    // The entrypoint gives the next three to those who must read them, so they need a restart. Generated
    // passwords are letters and digits, so that nothing needs quoting (libpq, "The Password File").
    file('pgpass', ['*:*:*:*:', { secret: system.database.passwordSecret, syntax: 'raw' }, '\n'], 'restart'),
    file('srs.key', [{ secret: srsKeySecret, syntax: 'raw' }, '\n'], 'restart'),
    file(
      'postsrsd.env',
      renderTemplate('postfix/postsrsd.env', {
        notice: trusted<'shell'>(generatedNotice),
        domain: shellWord(mail.srsDomain),
      }),
      'restart',
    ),
  ];
  if (relay !== null && relay.username !== null && relay.passwordSecret !== null) {
    const view = {
      notice,
      ...relayHost(relay),
      username: postfixTableText(relay.username),
      password: secretMarker(relay.passwordSecret, 'postfix'),
    };
    files.push(file('relay-password', renderTemplate('postfix/relay-password', view)));
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function containerOf(system: MailSystem, host: Host, peers: Peers): Container {
  const tls = host.tls === null ? [] : tlsFiles(host.tls).mounts;
  const ports = [
    { host: host.ports.smtp, container: 25 },
    { host: host.ports.submission, container: 587 },
    { host: host.ports.submissions, container: 465 },
  ];
  // Not Amavis, who waits for ClamAV, who may have to download 300 MB of signatures first: until then mail is taken
  // and waits here.
  const asked: readonly ServiceName[] = [
    'postgres',
    'dovecot',
    ...(peers.milter === null ? [] : (['opendkim'] as const)),
  ];
  return {
    name: containerName('postfix', host, system.hosts),
    host: host.name,
    service: 'postfix',
    image: system.images.postfix,
    hostname: host.name,
    command: ['postfix', '-c', configurationFolder, 'start-fg'],
    environment: [],
    mounts: [
      { from: unitFolder(host, 'postfix'), to: '/etc/mailc', readOnly: true },
      { from: volumeFolder(host, 'postfix-data'), to: '/var/lib/postfix', readOnly: false },
      { from: volumeFolder(host, 'postfix-queue'), to: '/var/spool/postfix', readOnly: false },
      ...tls,
    ].sort((a, b) => (a.to < b.to ? -1 : 1)),
    ports: ports.flatMap(({ host: published, container }) =>
      published === null || (container !== 25 && peers.sasl === null) ? [] : [{ host: published, container }],
    ),
    capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'KILL', 'NET_BIND_SERVICE', 'SETGID', 'SETUID'],
    tmpfs: ['/run', '/tmp'],
    readOnly: true,
    // postfix(1) becomes master(8) only as process 1; else it stays before it, and is what a signal ends.
    init: false,
    // Part of the image: greets port 25, and submission where it is served.
    healthcheck: {
      command: ['/usr/local/bin/healthcheck'],
      interval: 30,
      timeout: 10,
      startPeriod: 30,
      retries: 3,
    },
    after: serviceNames.filter((name) => asked.includes(name) && host.services.includes(name)),
    reload: ['postfix', '-c', configurationFolder, 'reload'],
    check: ['/usr/local/bin/check'],
    stopTimeout: 30,
    source: host.source,
  };
}
