// Any state to any other, one after the other in the same database.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareAddresses } from '../../src/model/address.ts';
import type { MailSystem } from '../../src/model/mail-system.ts';
import { rowsOf } from '../../src/render/rows.ts';
import { userMoves } from '../../src/render/user-moves.ts';
import { aMailSystem, anAddress, type Differences } from '../support/a-mail-system.ts';
import { type ADatabase, describeDatabases } from './databases.ts';
import { physicalRows } from './physical-rows.ts';
import { asLive, synchronised } from './synchronised.ts';

describeDatabases('any two states', (kind) => {
  it('follow each other, and the second is written once', { timeout: 120_000 }, async () => {
    const database = await kind.create();
    const mailboxes = new Mailboxes();
    await fc.assert(
      fc.asyncProperty(anySystem, anySystem, async (a, b) => {
        for (const system of [a, b]) {
          expect(await synchronised(database, system)).toEqual(asLive(system));
          mailboxes.follow(system, await folders(database));
        }
        const before = await physicalRows(database);
        await synchronised(database, b);
        expect(await physicalRows(database)).toEqual(before);
      }),
      { numRuns: 15, interruptAfterTimeLimit: 20_000 },
    );
  });
});

/** Whose mail is in which folder. */
class Mailboxes {
  #live = new Map<string, string>();
  /** By folder, the address that had it last. */
  readonly #last = new Map<string, string>();

  /** Expects that each user has the folder that is theirs, or one that is nobody's. */
  follow(system: MailSystem, now: ReadonlyMap<string, string>): void {
    const standing = [...this.#live.keys()].map(anAddress);
    const moves = userMoves(
      standing.map(({ localpart, domain }) => ({ name: localpart, domain })),
      rowsOf(system).users,
    );
    expect(new Set(now.values()).size).toBe(now.size);
    for (const [address, folder] of now) {
      const before = this.#live.get(moves.get(address) ?? address);
      if (before !== undefined) expect(folder).toBe(before);
      else expect([undefined, address]).toContain(this.#last.get(folder));
    }
    for (const [address, folder] of now) this.#last.set(folder, address);
    this.#live = new Map(now);
  }
}

async function folders(database: ADatabase): Promise<ReadonlyMap<string, string>> {
  const rows = await database.query('SELECT name, domain, mailbox FROM public.users');
  return new Map(rows.map(({ name, domain, mailbox }) => [`${name}@${domain}`, String(mailbox)]));
}

const domainNames = ['a.example', 'b.example', 'c.example'];
const localpart = fc.constantFrom('alice', 'bob', 'carol', "o'neil", 'x&y=~');
const anywhere = fc
  .tuple(localpart, fc.constantFrom(...domainNames, 'elsewhere.example'))
  .map(([name, domain]) => `${name}@${domain}`);
const addresses = fc.uniqueArray(anywhere, { maxLength: 3 });

/** Right as far as the tables care; whether its mail leads anywhere is for the checks. */
const anySystem: fc.Arbitrary<MailSystem> = fc
  .record({
    domains: fc.subarray(domainNames),
    aliasDomain: fc.boolean(),
    catchAll: addresses,
    users: fc.uniqueArray(
      fc.record({
        address: anywhere,
        passwordHash: fc.constantFrom('{SSHA256}one', '{SSHA256}t\\wo'),
        quota: fc.constantFrom(null, 0, 1, 2 ** 40),
        enabled: fc.boolean(),
        sendAs: addresses,
        movedFrom: fc.option(anywhere, { nil: null }),
      }),
      { selector: ({ address }) => address, maxLength: 8 },
    ),
    aliases: fc.uniqueArray(fc.tuple(anywhere, fc.uniqueArray(anywhere, { minLength: 1, maxLength: 3 })), {
      selector: ([address]) => address,
      maxLength: 5,
    }),
  })
  .map(({ domains, aliasDomain, catchAll, users, aliases }) => {
    const [first, second] = domains;
    const hosted = (address: string) => domains.includes(anAddress(address).domain);
    const differences: Differences = {
      mail: { postmaster: anAddress('postmaster@elsewhere.example') },
      domains: domains.map((name) =>
        name === second && aliasDomain && first !== undefined
          ? { name, aliasOf: first }
          : { name, catchAll: name === first ? [...catchAll].sort() : [] },
      ),
      users: users
        .filter(({ address }) => hosted(address))
        .map(({ movedFrom, ...user }) => ({ ...user, ...(movedFrom === null ? {} : { movedFrom }) })),
    };
    const system = aMailSystem(differences);
    const written = aliases
      .filter(([address]) => hosted(address))
      .map(([address, destinations]) => ({
        address: anAddress(address),
        destinations: destinations
          .map(anAddress)
          .sort(compareAddresses)
          .map((destination) => ({ address: destination, kind: 'external' as const })),
        origin: 'written' as const,
        source: { file: 'mail.yaml', line: 1, column: 1, endColumn: 2 },
      }))
      .sort((a, b) => compareAddresses(a.address, b.address));
    return { ...system, aliases: written };
  });
