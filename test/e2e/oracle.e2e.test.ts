// The running system answers as the compiler says on paper: for every address that a mail.yaml names, and a thousand
// that nobody thought of; for each mail.yaml of test/cases that has other addresses than those before it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { compile } from '../../src/compile.ts';
import { type Address, formatAddress } from '../../src/model/address.ts';
import type { MailSystem } from '../../src/model/mail-system.ts';
import { type Route, routerOf } from '../../src/render/route.ts';
import { senderAddresses } from '../../src/render/sender-addresses.ts';
import { connectOutside } from './support/clients.ts';
import { type Configuration, configurations } from './support/configurations.ts';
import { reloadLogLines } from './support/log-lines.ts';
import { organisation } from './support/organisation.ts';
import { domainOf, localpartOf, PostfixTables } from './support/postfix-tables.ts';
import { describeWorld, type World } from './support/shared.ts';
import { someAddresses } from './support/some-addresses.ts';

const systems: readonly Configuration[] = [
  { name: 'the organisation', source: {}, generated: 1000 },
  ...(await configurations()),
];

describeWorld(
  'the running system and the compiler',
  (start) => {
    let world: World;
    beforeAll(async () => {
      world = await start();
      // Whether a mailbox is full is nothing that the compiler knows, and other files' tests fill this one.
      await world.exec('dovecot', ['doveadm', 'expunge', '-u', 'small@example.com', 'mailbox', '*', 'all']);
    });
    afterAll(() => world?.reconfigure(organisation));

    describe.each(systems)('of $name', ({ source, generated }) => {
      let system: MailSystem;
      let tables: PostfixTables;
      /** As they are written, capitals and all. */
      let addresses: readonly string[];
      beforeAll(async () => {
        let text = '';
        await world.reconfigure((places) => {
          const keys = { ...parse(organisation(places)), ...source };
          text = stringify(keys, { aliasDuplicateObjects: false });
          return text;
        });
        const { value } = await compile([{ path: 'mail.yaml', text }]);
        if (value === null) throw new Error('it does not compile');
        system = value.system;
        tables = await PostfixTables.of(world);
        // It may remember for two seconds what the one before had.
        await world.exec('dovecot', ['doveadm', 'auth', 'cache', 'flush']);
        const named = [...system.users, ...system.aliases].map(({ address }) => address);
        const delimiter = system.mail.recipientDelimiter ?? '+';
        // Of all details the one that Postfix may take for a part of the name.
        const detailed = named.map(({ localpart, domain }) => ({
          localpart: `${localpart}${delimiter}request`,
          domain,
        }));
        addresses = [
          ...new Set([...[...named, ...detailed].map(formatAddress), ...someAddresses(system, generated)]),
        ];
      });

      /** Of each address: what a function says. */
      const each = <Answer>(say: (address: string) => Answer): Readonly<Record<string, Answer>> =>
        Object.fromEntries(addresses.map((address) => [address, say(address)]));

      /** One round of questions for each level of aliases. */
      const expanded = async (): Promise<ReadonlyMap<string, readonly string[]>> => {
        const answers = new Map<string, readonly string[]>();
        for (let round = addresses; round.length > 0; ) {
          const found = await tables.mapped('virtual_alias_maps', round);
          for (const address of round) answers.set(address, found.get(address)?.split(',') ?? []);
          round = [...new Set([...answers.values()].flat())].filter((address) => !answers.has(address));
        }
        return answers;
      };

      it.concurrent('agree where a message to each address ends', async () => {
        const answers = await expanded();
        const all = [...answers.keys()];
        const domains = [...new Set(all.map(domainOf))];
        const hosted = await tables.listed('virtual_mailbox_domains', domains);
        const aliased = await tables.listed('virtual_alias_domains', domains);
        const mailboxes = await tables.mapped('virtual_mailbox_maps', all);
        const endOf = (address: string): Ends => {
          const users = new Set<string>();
          const external = new Set<string>();
          const seen = new Set<string>();
          const pending = [address];
          for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
            if (seen.has(next)) continue;
            seen.add(next);
            if (mailboxes.has(next)) users.add(folded(tables.withoutDetail(next)));
            else if (!hosted.has(domainOf(next)) && !aliased.has(domainOf(next))) external.add(folded(next));
            pending.push(...(answers.get(next) ?? []));
          }
          return { users: [...users].sort(), external: [...external].sort() };
        };
        const route = routesOf(system);
        expect(each(endOf)).toEqual(each((address) => ends(route(address))));
      });

      it.concurrent('agree to whom mail is refused while they are disabled', async () => {
        const running = await tables.judged(
          'smtpd_recipient_restrictions',
          'check_recipient_access',
          addresses,
        );
        const route = routesOf(system);
        expect(each((address) => running.get(address)?.startsWith('550 5.2.1 ') ?? false)).toEqual(
          each((address) => route(address).refused),
        );
      });

      it.concurrent('agree who may send as each address', async () => {
        const running = await tables.mapped('submission/inet/smtpd_sender_login_maps', addresses);
        const onPaper = senderAddresses(system);
        const said = (address: string): readonly string[] =>
          onPaper.get(folded(address)) ?? onPaper.get(folded(tables.withoutDetail(address))) ?? [];
        expect(each((address) => running.get(address)?.split(',').sort() ?? [])).toEqual(
          each((address) => [...said(address)].sort()),
        );
      });

      it.concurrent('agree whose addresses are ours: taken, sent from after a login only, and never rewritten', async () => {
        const ours = new Set(system.domains.map(({ name }) => name));
        const isOurs = (address: string): boolean => ours.has(folded(domainOf(address)));

        const domains = await tables.listed('virtual_mailbox_domains', new Set(addresses.map(domainOf)));
        expect(each((address) => domains.has(domainOf(address)))).toEqual(each(isOurs));

        const senders = await tables.judged('smtpd_sender_restrictions', 'check_sender_access', addresses);
        expect(each((address) => senders.get(address)?.startsWith('550 5.7.1 ') ?? false)).toEqual(
          each(isOurs),
        );

        const transports = await tables.mapped('sender_dependent_default_transport_maps', addresses);
        expect(each((address) => transports.get(address) === 'smtp:')).toEqual(
          each((address) => isOurs(address) || folded(domainOf(address)) === world.host),
        );
      });

      it.concurrent('agree whom port 25 takes, of some of them', async () => {
        // No client gets more wrong than Postfix lets it before it slows down.
        const some = [...addresses.slice(0, 40), ...addresses.slice(-40)].filter((address) =>
          /^[A-Za-z0-9.=_+@-]+$/.test(address),
        );
        const codes = await Promise.all(
          Array.from({ length: 10 }, async (_, part) => {
            const client = await connectOutside(world);
            await client.command('MAIL FROM:<someone@elsewhere.example>');
            const replies: [string, string][] = [];
            for (const address of some.slice(part * 8, part * 8 + 8)) {
              const { code, text } = await client.command(`RCPT TO:<${address}>`);
              replies.push([address, `${code} ${code === 250 ? '' : text.split(' ')[0]}`.trim()]);
            }
            await client.quit();
            return replies;
          }),
        );
        const route = routesOf(system);
        const ours = new Set([...system.domains, ...system.hosts].map(({ name }) => name));
        const expected = some.map((address) => {
          const { users, external, refused } = route(address);
          if (!ours.has(folded(domainOf(address)))) return [address, '554 5.7.1'];
          if (refused) return [address, '550 5.2.1'];
          return [address, users.length + external.length > 0 ? '250' : '550 5.1.1'];
        });
        expect(Object.fromEntries(codes.flat())).toEqual(Object.fromEntries(expected));
      });

      it.concurrent('agree whom Dovecot knows, and under which names', async () => {
        const listed = await world.exec('dovecot', ['doveadm', 'user', '*']);
        expect(listed.stdout.trim().split('\n').sort()).toEqual(
          system.users.map(({ address }) => formatAddress(address)).sort(),
        );

        const logins = senderAddresses({
          ...system,
          users: system.users.map((user) => ({ ...user, sendAs: [] })),
        });
        const userOf = (name: string): string | null => logins.get(folded(name))?.[0] ?? null;
        const enabled = new Map(system.users.map((user) => [formatAddress(user.address), user.enabled]));
        const ask = async (words: readonly string[], names: readonly string[]) => {
          const { stdout } = await world.exec('dovecot', ['doveadm', ...words, ...names]);
          return Object.fromEntries(answersIn(stdout, names));
        };
        // A disabled user is told so where there are words for it, and has no password at all to Postfix.
        expect(await ask(['auth', 'lookup', '-x', 'service=imap', '-f', 'user'], addresses)).toEqual(
          each(userOf),
        );
        expect(await ask(['auth', 'lookup', '-x', 'service=imap', '-f', 'nologin'], addresses)).toEqual(
          each((name) => (enabled.get(userOf(name) ?? '') === false ? 'Y' : null)),
        );
        expect(await ask(['auth', 'lookup', '-x', 'service=smtp', '-f', 'user'], addresses)).toEqual(
          each((name) => (enabled.get(userOf(name) ?? '') === true ? userOf(name) : null)),
        );
        // Where mail is stored. It takes a name with a * for a pattern.
        const names = addresses.filter((name) => !name.includes('*'));
        const homes = new Map(
          system.users.map(({ address }) => [
            formatAddress(address),
            `/var/vmail/${address.domain}/${address.localpart}`,
          ]),
        );
        expect(await ask(['user', '-f', 'home'], names)).toEqual(
          Object.fromEntries(names.map((name) => [name, homes.get(userOf(name) ?? '') ?? null])),
        );
      });

      it('have left out no table that asks the database', async () => {
        const client = 'any@client';
        const answer = await tables.judged(
          'submission/inet/smtpd_client_restrictions',
          'check_client_access',
          [client],
        );
        expect(answer.get(client)).toBe('DUNNO');
        const { stdout } = await world.exec('postfix', ['sh', '-c', 'ls /etc/mailc/current/pgsql-*.cf']);
        const asked = [...tables.asked].join(' ');
        const left = stdout.split('\n').filter((path) => !asked.includes(path));
        expect(left).toEqual(
          system.mail.disabledUsers === 'refuse' ? [] : ['/etc/mailc/current/pgsql-disabled-users.cf'],
        );
      });
    });
  },
  reloadLogLines,
);

interface Ends {
  readonly users: readonly string[];
  readonly external: readonly string[];
}

function ends({ users, external }: Route): Ends {
  return { users: users.map(formatAddress).sort(), external: external.map(formatAddress).sort() };
}

/** Capitals are no matter, and no other letters are looked at (RFC 5321 without RFC 6531). */
function folded(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function addressOf(text: string): Address {
  return { localpart: folded(localpartOf(text)), domain: folded(domainOf(text)) };
}

/** With the aliases of the host itself, which are its own and not in the database. */
function routesOf(system: MailSystem): (address: string) => Route {
  const route = routerOf(system);
  return (text) => {
    const address = addressOf(text);
    if (!system.hosts.some(({ name }) => name === address.domain)) return route(address);
    const [base = ''] = address.localpart.split(system.mail.recipientDelimiter ?? /$/);
    const served = ['abuse', 'mailer-daemon', 'postmaster', 'root'];
    return served.includes(address.localpart) || served.includes(base)
      ? route(system.mail.postmaster)
      : { users: [], external: [], refused: false };
  };
}

/** doveadm prints a line for whom it knows, and an empty one between any two. */
function answersIn(output: string, names: readonly string[]): ReadonlyMap<string, string | null> {
  let rest = output;
  return new Map(
    names.map((name, at) => {
      if (at > 0) rest = rest.slice(1);
      const line = /^[^\n]+(?=\n)/.exec(rest)?.[0] ?? null;
      if (line !== null) rest = rest.slice(line.length + 1);
      return [name, line];
    }),
  );
}
