// What Postfix and Dovecot read: the views answer as mail.yaml says.

import { expect, it } from 'vitest';
import { functions } from '../../renderers/postgres/functions.ts';
import { views } from '../../renderers/postgres/views.ts';
import { aMailSystem, type Differences } from '../support/a-mail-system.ts';
import { describeDatabases } from './databases.ts';
import { synchronised } from './synchronised.ts';

/** Alice writes as sales@, smith@ is Bob by another name, example.net is example.com by another name. */
const organisation: Differences = {
  domains: [
    { name: 'example.com', catchAll: ['bob@example.com', 'rest@elsewhere.example'] },
    { name: 'example.net', aliasOf: 'example.com' },
    'example.org',
  ],
  users: [
    { address: 'alice@example.com', quota: 1024, sendAs: ['sales@example.com', 'news@example.org'] },
    { address: 'bob@example.com', enabled: false },
  ],
  aliases: {
    'abuse@example.com': ['alice@example.com', 'bob@example.com'],
    'abuse@example.org': ['team@example.com'],
    'postmaster@example.com': ['alice@example.com', 'bob@example.com'],
    'postmaster@example.org': ['team@example.com'],
    'smith@example.com': ['bob@example.net'],
    'team@example.com': ['alice@example.com', 'partner@elsewhere.example'],
  },
};

describeDatabases('the views', (kind) => {
  it('answer what mail.yaml says', async () => {
    const database = await kind.create();
    await synchronised(database, aMailSystem(organisation));
    const lines = async (columns: string, view: string) => {
      const rows = await database.query(`SELECT ${columns} AS line FROM public.${view} ORDER BY 1`);
      return rows.map(({ line }) => line);
    };

    expect(await lines('domain', 'virtual_domain')).toEqual(['example.com', 'example.net', 'example.org']);

    expect(await lines(`'@' || domain || ' ' || destination`, 'virtual_catch_all')).toEqual([
      '@example.com bob@example.com',
      '@example.com rest@elsewhere.example',
      '@example.net bob@example.com',
      '@example.net rest@elsewhere.example',
    ]);

    expect(await lines(`name || '@' || domain || ' ' || destination`, 'virtual_route')).toEqual([
      'abuse@example.com alice@example.com',
      'abuse@example.com bob@example.com',
      'abuse@example.net alice@example.com',
      'abuse@example.net bob@example.com',
      'abuse@example.org team@example.com',
      'alice@example.com alice@example.com',
      'alice@example.net alice@example.com',
      'bob@example.com bob@example.com',
      'bob@example.net bob@example.com',
      'postmaster@example.com alice@example.com',
      'postmaster@example.com bob@example.com',
      'postmaster@example.net alice@example.com',
      'postmaster@example.net bob@example.com',
      'postmaster@example.org team@example.com',
      'smith@example.com bob@example.net',
      'smith@example.net bob@example.net',
      'team@example.com alice@example.com',
      'team@example.com partner@elsewhere.example',
      'team@example.net alice@example.com',
      'team@example.net partner@elsewhere.example',
    ]);

    expect(await lines(`concat_ws(' ', name || '@' || domain, mailbox, enabled)`, 'virtual_mailbox')).toEqual(
      ['alice@example.com example.com/alice t', 'bob@example.com example.com/bob f'],
    );

    expect(await lines(`name || '@' || domain || ' ' || login`, 'sender_login')).toEqual([
      'alice@example.com alice@example.com',
      'alice@example.net alice@example.com',
      'bob@example.com bob@example.com',
      'bob@example.net bob@example.com',
      'news@example.org alice@example.com',
      'sales@example.com alice@example.com',
      'sales@example.net alice@example.com',
      'smith@example.com bob@example.com',
      'smith@example.net bob@example.com',
    ]);

    const login = `concat_ws(' ', name || '@' || domain, user_name || '@' || user_domain, quota, mailbox, enabled)`;
    expect(await lines(login, 'login')).toEqual([
      'alice@example.com alice@example.com 1024 example.com/alice t',
      'alice@example.net alice@example.com 1024 example.com/alice t',
      'bob@example.com bob@example.com example.com/bob f',
      'bob@example.net bob@example.com example.com/bob f',
      'smith@example.com bob@example.com example.com/bob f',
      'smith@example.net bob@example.com example.com/bob f',
    ]);
  });

  it.each([
    ['login_of', 'login', 'user_name, user_domain, password, quota, mailbox, enabled'],
    ['routes_of', 'virtual_route', 'destination'],
    ['sender_logins_of', 'sender_login', 'login'],
  ])('say the same through the function %s, for each address that there is', async (name, view, columns) => {
    expect(functions.map((one) => one.name)).toContain(name);
    const database = await kind.create();
    await synchronised(database, aMailSystem(organisation));
    const addresses = `
      (SELECT name FROM public.users UNION SELECT name FROM public.alias UNION SELECT name FROM public.send_as
        UNION VALUES ('nobody')) AS n (name)
      CROSS JOIN (SELECT domain FROM public.domains UNION VALUES ('elsewhere.example')) AS d (domain)`;
    const ofFunction = await database.query(
      `SELECT n.name, d.domain, ${columns} FROM ${addresses}
       CROSS JOIN LATERAL public.${name}(n.name, d.domain) ORDER BY ${columns}, 1, 2`,
    );
    const ofView = await database.query(
      `SELECT name, domain, ${columns} FROM public.${view} ORDER BY ${columns}, 1, 2`,
    );
    expect(ofFunction.length).toBeGreaterThan(0);
    expect(ofFunction).toEqual(ofView);
  });

  it('let nobody log in or send as a user by an alias of the same address', async () => {
    const database = await kind.create();
    const system = aMailSystem({
      users: ['alice@example.com', 'bob@example.com'],
      aliases: { 'alice@example.com': ['bob@example.com'] },
    });
    await synchronised(database, system);
    expect(await database.query(`SELECT user_name FROM public.login WHERE name = 'alice'`)).toEqual([
      { user_name: 'alice' },
    ]);
    expect(await database.query(`SELECT login FROM public.sender_login WHERE name = 'alice'`)).toEqual([
      { login: 'alice@example.com' },
    ]);
  });

  it('are asked for one address by indexes, whatever the number of rows', async () => {
    const database = await kind.create();
    await synchronised(database, aMailSystem(organisation));
    for (const { name } of views) {
      const condition = /domain|catch_all/.test(name) ? '' : `name = 'bob' AND`;
      // Small tables are read from end to end, unless that is forbidden.
      const plan = await database.query(
        `SET enable_seqscan = off; EXPLAIN SELECT * FROM public.${name} WHERE ${condition} domain = 'example.net'`,
      );
      const text = plan.map(String).join('\n');
      expect(text.match(/Scan (?!on (unnest|destination))/g)?.length, text).toBe(
        text.match(/Index Cond/g)?.length,
      );
      expect(text).not.toContain('Seq Scan');
    }
  });
});
