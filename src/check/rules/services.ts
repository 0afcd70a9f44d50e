/** Rules about which service runs where. */
import { type Diagnostic, error } from '../../diagnostics/diagnostic.ts';
import type { MailSystem, ServiceName } from '../../model/mail-system.ts';
import type { Rule } from '../rule.ts';

export const everyNeededServiceRuns: Rule = (system) => {
  const [host] = system.hosts;
  if (host === undefined) {
    const position = system.domains[0]?.source ?? null;
    const hint = 'write "hosts:" with the machine that the services run on';
    return [error('host-missing', position, 'there are domains and no host to receive their mail', { hint })];
  }
  const running = new Set(system.hosts.flatMap(({ services }) => services));
  return neededServices(system)
    .filter(([service]) => !running.has(service))
    .map(([service, instead]) =>
      error('service-without-host', host.source, `service "${service}" runs on no host`, {
        hint: `add "${service}" to "services" of a host${instead === null ? '' : `, or write ${instead}`}`,
      }),
    );
};

/** Each with what to write to do without it; null where nothing does. */
function neededServices({
  domains,
  spam,
  virus,
}: MailSystem): readonly (readonly [ServiceName, string | null])[] {
  return [
    ...(spam.enabled || virus.enabled
      ? [['amavis', '"spam: { enabled: false }" and "virus: { enabled: false }"'] as const]
      : []),
    ...(virus.enabled ? [['clamav', '"virus: { enabled: false }"'] as const] : []),
    ['dovecot', null],
    ...(domains.some(({ dkim }) => dkim !== null)
      ? [['opendkim', '"dkim: false" for each domain'] as const]
      : []),
    ['postfix', null],
    ['postgres', null],
  ];
}

/** Neither can share its data: Dovecot 2.4 has no replication, and Postgres here has one writer. */
export const mailAndDatabaseAreInOnePlace: Rule = ({ hosts }) =>
  (['dovecot', 'postgres'] as const).flatMap((service): readonly Diagnostic[] => {
    const [first, ...others] = hosts
      .filter(({ services }) => services.includes(service))
      .sort(({ source: a }, { source: b }) => a.line - b.line);
    return first === undefined
      ? []
      : others.map((host) =>
          error('service-on-two-hosts', host.source, `service "${service}" runs on "${first.name}" already`, {
            hint: `list the services of this host, without ${service}, under "services"`,
            related: [{ message: 'the first host', position: first.source }],
          }),
        );
  });
