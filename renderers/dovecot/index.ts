/** Renders Dovecot 2.4: IMAP, POP3, LMTP and ManageSieve, logins for Postfix, quotas and Sieve. */
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { warning } from '../../src/diagnostics/diagnostic.ts';
import type { Artifact, Content, Effect } from '../../src/model/artifact.ts';
import type { Host, MailSystem } from '../../src/model/mail-system.ts';
import type { ServiceRenderer } from '../../src/render/renderer.ts';
import { renderTemplate } from '../../src/render/template.ts';
import { dovecotContainer } from './container.ts';
import {
  handOverView,
  learns,
  mailStoreView,
  mainView,
  type Peers,
  peersOf,
  sieveView,
  usersView,
  warningConfigurationView,
  warningScriptView,
} from './view.ts';

export const dovecot: ServiceRenderer = {
  name: 'dovecot',
  render: (system) => {
    const placed = system.hosts.flatMap((host) => {
      const peers = peersOf(system, host);
      return peers === null ? [] : [{ host, peers }];
    });
    return {
      artifacts: placed.flatMap(({ host, peers }) => filesOf(system, host, peers)),
      containers: placed.map(({ host, peers }) => dovecotContainer(system, host, peers)),
      diagnostics: placed.flatMap(({ host }) => learningNeedsOneHost(system, host)),
    };
  },
};

function filesOf(system: MailSystem, host: Host, peers: Peers): readonly Artifact[] {
  const file = (name: string, mode: number, content: Content, effect: Effect): Artifact => ({
    path: `${host.name}/dovecot/${name}`,
    host: host.name,
    unit: 'dovecot',
    mode,
    content,
    effect,
    source: host.source,
  });
  return [
    file(
      'dovecot.conf',
      0o600,
      renderTemplate('dovecot/dovecot.conf', mainView(system, host, peers)),
      'reload',
    ),
    file('users.lua', 0o644, renderTemplate('dovecot/users.lua', usersView()), 'reload'),
    file('users-again.lua', 0o644, renderTemplate('dovecot/users-again.lua', usersView()), 'reload'),
    file('mail-store.conf', 0o644, renderTemplate('dovecot/mail-store.conf', mailStoreView()), 'reload'),
    file(
      'quota-warning',
      0o755,
      renderTemplate('dovecot/quota-warning', warningScriptView(system)),
      'nothing',
    ),
    file(
      'quota-warning.conf',
      0o644,
      renderTemplate('dovecot/quota-warning.conf', warningConfigurationView(system, host)),
      'nothing',
    ),
    ...(system.spam.enabled
      ? [file('spam.sieve', 0o644, renderTemplate('dovecot/spam.sieve', sieveView()), 'nothing')]
      : []),
    ...(learns(system, host)
      ? [
          file('learn-ham.sieve', 0o644, renderTemplate('dovecot/learn-ham.sieve', sieveView()), 'nothing'),
          file('learn-spam.sieve', 0o644, renderTemplate('dovecot/learn-spam.sieve', sieveView()), 'nothing'),
          file('learn/ham', 0o755, renderTemplate('dovecot/hand-over', handOverView('ham')), 'nothing'),
          file('learn/spam', 0o755, renderTemplate('dovecot/hand-over', handOverView('spam')), 'nothing'),
        ]
      : []),
  ];
}

/** What is handed over lies in a folder that both containers have. */
function learningNeedsOneHost(system: MailSystem, host: Host): readonly Diagnostic[] {
  if (!system.spam.enabled || !system.spam.bayes || learns(system, host)) return [];
  return [
    warning(
      'learning-needs-one-host',
      host.source,
      `nothing is learned from Junk on "${host.name}", since amavis does not run beside dovecot there`,
      { hint: `add amavis to the services of "${host.name}", or write bayes: false under spam` },
    ),
  ];
}
