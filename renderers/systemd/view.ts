/** What the units' templates are given: every value already escaped for systemd. */
import type { TemplateViews } from '../../src/generated/templates.js';
import type { Container } from '../../src/model/container.ts';
import type { Host, MailSystem, ServiceName } from '../../src/model/mail-system.ts';
import { systemdArgument, systemdText, systemdWord } from '../../src/render/escape/systemd.ts';
import { type Escaped, trusted } from '../../src/render/escaped.ts';
import { generatedNotice, unitFolder } from '../../src/render/host-layout.ts';

const notice = systemdText(generatedNotice);

/** A unit that runs one container. */
export function containerView(
  container: Container,
  host: Host,
  containers: readonly Container[],
): TemplateViews['systemd/container.service'] {
  const here = containers.map(({ service }) => service);
  const earlier = container.after.filter((service) => here.includes(service)).sort();
  return {
    notice,
    description: systemdText(`${container.service} of the mail system ${host.name}`),
    after: [unitName('network', 'service'), ...earlier.map((service) => unitName(service, 'service'))],
    data: systemdWord(host.data),
    script: script(host, container.service),
    startSeconds: number(secondsToStart(container)),
    stopSeconds: number(container.stopTimeout + 15),
    identifier: systemdWord(`mail-${container.service}`),
  };
}

/**
 * Stopping what was left behind, starting, and waiting until the container is healthy, which the script bounds
 * by the healthcheck itself; and a minute for a slow machine.
 */
function secondsToStart({ healthcheck, stopTimeout }: Container): number {
  return stopTimeout + healthcheck.startPeriod + healthcheck.interval * healthcheck.retries + 60;
}

export function networkView(system: MailSystem, host: Host): TemplateViews['systemd/network.service'] {
  return {
    notice,
    description: systemdText(`Docker network "${system.network.name}" of the mail system ${host.name}`),
    data: systemdWord(host.data),
    script: script(host, 'network'),
    identifier: systemdWord('mail-network'),
  };
}

export function targetView(
  host: Host,
  containers: readonly Container[],
  learns: boolean,
): TemplateViews['systemd/mail.target'] {
  const services = containers.map(({ service }) => unitName(service, 'service'));
  return {
    notice,
    description: systemdText(`Mail system ${host.name}`),
    units: [
      ...(learns ? [unitName('learn-spam', 'timer')] : []),
      unitName('network', 'service'),
      ...services,
    ].sort(),
  };
}

export function learnServiceView(host: Host): TemplateViews['systemd/learn-spam.service'] {
  return {
    notice,
    description: systemdText(`Learning of spam and ham on ${host.name}`),
    data: systemdWord(host.data),
    script: script(host, 'learn-spam'),
    identifier: systemdWord('mail-learn-spam'),
  };
}

export function learnTimerView(system: MailSystem, host: Host): TemplateViews['systemd/learn-spam.timer'] {
  return {
    notice,
    description: systemdText(`Daily learning of spam and ham on ${host.name}`),
    at: systemdText(system.spam.learnAt),
  };
}

/** `mail-postfix.service`: a host may have a postfix.service of its own, from its distribution. */
export function unitName(
  what: ServiceName | 'network' | 'learn-spam',
  suffix: 'service' | 'timer',
): Escaped<'systemd'> {
  return trusted<'systemd'>(`mail-${what}.${suffix}`);
}

/** Below `current`, so that the unit need not change when the script does. */
function script(host: Host, name: ServiceName | 'network' | 'learn-spam'): Escaped<'systemd'> {
  return systemdArgument(`${unitFolder(host, 'docker')}/current/${name}.sh`);
}

function number(value: number): Escaped<'systemd'> {
  return trusted<'systemd'>(String(value));
}
