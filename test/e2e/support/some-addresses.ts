// Addresses that nobody thought of, in the neighbourhood of those that a mail system has.

import { domainToUnicode } from 'node:url';
import type { MailSystem } from '../../../src/model/mail-system.ts';

const odd = [
  "o'brien",
  'a%b',
  'a"b',
  'x--',
  'root',
  'mailer-daemon',
  'first',
  'last',
  'owner-list',
  'list-request',
  '%u',
  '$1',
  'bob;drop',
  'select',
  '*',
  '\\',
];

/** The same ones in every run. */
export function someAddresses(system: MailSystem, count: number): readonly string[] {
  let state = 20_261_122;
  const next = (below: number): number => {
    // Numerical Recipes' linear congruential generator.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const pick = <Item>(items: readonly Item[]): Item => items[next(items.length)] as Item;
  const localparts = [...system.users, ...system.aliases].map(({ address }) => address.localpart);
  const hosted = system.domains.map(({ name }) => name);
  const domains = [
    ...hosted,
    ...hosted,
    // As people write it, and Postfix never sees it.
    ...hosted.map(domainToUnicode),
    ...system.hosts.map(({ name }) => name),
    'elsewhere.example',
    `sub.${hosted[0]}`,
    'com',
  ];
  const addresses = new Set<string>();
  while (addresses.size < count) {
    const localpart = pick([
      () => pick(localparts),
      () => pick(localparts),
      () => pick(odd),
      () => next(36 ** 5).toString(36),
      () => `${pick(localparts)}${pick(['.', '-', '_'])}${next(10)}`,
    ])();
    const delimiter = system.mail.recipientDelimiter ?? '+';
    const detail = pick([
      '',
      '',
      '',
      delimiter,
      `${delimiter}x`,
      `${delimiter}a${delimiter}b`,
      `${delimiter}request`,
    ]);
    const address = `${localpart}${detail}@${pick(domains)}`;
    addresses.add(
      pick([address, address, address.toUpperCase(), address.replace(/^./, (first) => first.toUpperCase())]),
    );
  }
  return [...addresses];
}
