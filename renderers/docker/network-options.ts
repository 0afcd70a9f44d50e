/** What follows `docker network create`. */
import type { MailSystem } from '../../src/model/mail-system.ts';

/** Each an option with its value. */
export function networkOptions({ hosts, network }: MailSystem): readonly (readonly string[])[] {
  const { name: _name, subnet4, subnet6, ...rest } = network;
  rest satisfies Record<string, never>;
  if (spansHosts({ hosts })) {
    return [
      ['--driver', 'overlay'],
      // Open to containers that are not services of the swarm.
      ['--attachable'],
      // Logins, mail and database rows travel from host to host.
      ['--opt', 'encrypted'],
      ['--subnet', subnet4],
    ];
  }
  return [
    ['--driver', 'bridge'],
    ['--subnet', subnet4],
    ...(subnet6 === null ? [] : [['--ipv6'], ['--subnet', subnet6]]),
  ];
}

/** Whether containers of different hosts must reach each other. */
export function spansHosts({ hosts }: Pick<MailSystem, 'hosts'>): boolean {
  return hosts.length > 1;
}
