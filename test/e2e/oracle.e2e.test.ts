// The running system answers as the compiler says on paper: for every address that mail.yaml names, and a thousand
// that nobody thought of.

import { beforeAll, expect, it } from 'vitest';
import { formatAddress } from '../../src/model/address.ts';
import { routerOf } from '../../src/render/route.ts';
import { senderAddresses } from '../../src/render/sender-addresses.ts';
import { describeWorld, type World } from './support/shared.ts';

describeWorld('the running system and the compiler', (start) => {
  let world: World;
  let addresses: readonly string[];
  beforeAll(async () => {
    world = await start();
    const { users, aliases } = world.system;
    const named = [...users, ...aliases].map(({ address }) => formatAddress(address));
    addresses = [...new Set([...named, ...generatedAddresses(world, 1000)])];
  });

  /** What one of Postfix's tables answers, for each key that it knows. */
  const ask = async (
    table: string,
    keys: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>> => {
    if (keys.length === 0) return new Map();
    const command = ['postmap', '-q', '-', `pgsql:/etc/mailc/current/pgsql-${table}.cf`];
    const { stdout, stderr } = await world.exec('postfix', command, `${keys.join('\n')}\n`);
    expect(stderr).toBe('');
    const lines = stdout.split('\n').filter((line) => line !== '');
    return new Map(
      lines.map((line) => {
        const tab = line.indexOf('\t');
        return [line.slice(0, tab), line.slice(tab + 1).split(',')] as const;
      }),
    );
  };

  it('agree where a message to each address ends', async () => {
    const hosted = new Set(world.system.domains.map(({ name }) => name));
    // Everything that any of them may lead to, asked in batches: one round for each level of aliases.
    const answers = new Map<string, readonly string[]>();
    const mailboxes = new Set<string>();
    for (let round = addresses; round.length > 0; ) {
      const keys = [...new Set(round.flatMap((address) => [address, withoutDetail(address)]))];
      const routes = await ask('routes', keys);
      const caught = await ask('catch-all', [...new Set(round.map((address) => `@${domainOf(address)}`))]);
      for (const [name] of await ask('mailboxes', keys)) mailboxes.add(name);
      for (const address of round) {
        const found =
          routes.get(address) ?? routes.get(withoutDetail(address)) ?? caught.get(`@${domainOf(address)}`);
        answers.set(address, found ?? []);
      }
      round = [...answers.values()].flat().filter((address) => !answers.has(address));
    }
    const endOf = (address: string): { users: string[]; external: string[] } => {
      const users = new Set<string>();
      const external = new Set<string>();
      const seen = new Set<string>();
      const pending = [address];
      for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
        if (seen.has(next)) continue;
        seen.add(next);
        if (!hosted.has(domainOf(next))) external.add(next);
        else if (mailboxes.has(withoutDetail(next))) users.add(withoutDetail(next));
        pending.push(...(answers.get(next) ?? []));
      }
      return { users: [...users].sort(), external: [...external].sort() };
    };

    const route = routerOf(world.system);
    const onPaper = (address: string): { users: string[]; external: string[] } => {
      const { users, external } = route({ localpart: localpartOf(address), domain: domainOf(address) });
      return { users: users.map(formatAddress).sort(), external: external.map(formatAddress).sort() };
    };
    const running = Object.fromEntries(addresses.map((address) => [address, endOf(address)]));
    expect(running).toEqual(Object.fromEntries(addresses.map((address) => [address, onPaper(address)])));
  });

  it('agree who may send as each address', async () => {
    const running = await ask('sender-logins', addresses);
    const onPaper = senderAddresses(world.system);
    const sorted = (logins: readonly string[] | undefined): readonly string[] => [...(logins ?? [])].sort();
    expect(Object.fromEntries(addresses.map((address) => [address, sorted(running.get(address))]))).toEqual(
      Object.fromEntries(addresses.map((address) => [address, sorted(onPaper.get(address))])),
    );
  });

  it('agree which addresses are hosted', async () => {
    const domains = [...new Set(addresses.map(domainOf))];
    const hosted = world.system.domains.map(({ name }) => name).sort();
    expect([...(await ask('domains', domains)).keys()].sort()).toEqual(hosted);
  });

  it('agree whom Dovecot knows, and under which names', async () => {
    const { stdout } = await world.exec('dovecot', ['doveadm', 'user', '*']);
    expect(stdout.trim().split('\n').sort()).toEqual(
      world.system.users.map(({ address }) => formatAddress(address)).sort(),
    );

    const withoutSendAs = {
      ...world.system,
      users: world.system.users.map((user) => ({ ...user, sendAs: [] })),
    };
    const logins = senderAddresses(withoutSendAs);
    const some = [...new Set([...logins.keys(), ...addresses.slice(0, 150)])].filter(
      (name) => !name.includes('+'),
    );
    // It prints nothing where the name is the user's own.
    const script = `while IFS= read -r name; do
      if user=$(doveadm user -f user "$name" 2>/dev/null); then user=\${user:-$name}; else user=; fi
      printf '%s\\t%s\\n' "$name" "$user"
    done`;
    const answer = await world.exec('dovecot', ['sh', '-c', script], `${some.join('\n')}\n`);
    const known = Object.fromEntries(
      answer.stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split('\t') as [string, string]),
    );
    expect(known).toEqual(Object.fromEntries(some.map((name) => [name, logins.get(name)?.[0] ?? ''])));
  }, 120_000);
});

/** The same ones in every run. */
function generatedAddresses(world: World, count: number): readonly string[] {
  let state = 20_261_122;
  const next = (below: number): number => {
    // Numerical Recipes' linear congruential generator.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const pick = <Item>(items: readonly Item[]): Item => items[next(items.length)] as Item;
  const localparts = [...world.system.users, ...world.system.aliases].map(({ address }) => address.localpart);
  const odd = [
    "o'brien",
    'a%b',
    'a"b',
    'x--',
    'root',
    'first',
    'last',
    '%u',
    '$1',
    'bob;drop',
    'select',
    '*',
    '\\',
  ];
  const domains = [
    ...world.system.domains.map(({ name }) => name),
    'elsewhere.example',
    'sub.example.com',
    'com',
  ];
  return Array.from({ length: count }, () => {
    const localpart = pick([
      () => pick(localparts),
      () => pick(localparts),
      () => pick(odd),
      () => next(36 ** 5).toString(36),
      () => `${pick(localparts)}${pick(['.', '-', '_'])}${next(10)}`,
    ])();
    const detail = pick(['', '', '', '+', '+x', '+a+b']);
    return `${localpart}${detail}@${pick(domains)}`;
  });
}

function localpartOf(address: string): string {
  return address.slice(0, address.lastIndexOf('@'));
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** As Postfix splits at the first delimiter (postconf(5), recipient_delimiter). */
function withoutDetail(address: string): string {
  return `${localpartOf(address).replace(/(?<=.)\+.*$/, '')}@${domainOf(address)}`;
}
