// A database that docker-post made, with its own statements, becomes mailc's in place.

import { expect, it } from 'vitest';
import { schemaVersion } from '../../renderers/postgres/migrations.ts';
import type { DatabaseRows } from '../../src/model/rows.ts';
import { aMailSystem } from '../support/a-mail-system.ts';
import { type ADatabase, describeDatabases } from './databases.ts';
import { definitions } from './definitions.ts';
import { asLive, synchronised, withTarget } from './synchronised.ts';

/** docker-post's README, "Configure the database". */
const dockerPost = (role: string) => `
CREATE TABLE domains (domain TEXT UNIQUE NOT NULL);
CREATE TABLE users (
  name TEXT NOT NULL,
  domain TEXT REFERENCES domains (domain) ON DELETE CASCADE ON UPDATE CASCADE,
  password TEXT NOT NULL,
  UNIQUE (name, domain)
);
CREATE TABLE alias (
  name TEXT NOT NULL,
  domain TEXT NOT NULL,
  aka_name TEXT NOT NULL,
  aka_domain TEXT NOT NULL,
  UNIQUE (name, domain),
  FOREIGN KEY (aka_name, aka_domain) REFERENCES users (name, domain) ON DELETE CASCADE ON UPDATE CASCADE,
  FOREIGN KEY (domain) REFERENCES domains (domain) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE USER ${role} WITH PASSWORD 'Cqg2amU7SY';
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE domains,users,alias TO ${role};
INSERT INTO domains (domain) VALUES ('example.com');
INSERT INTO users (name, domain, password) VALUES ('bob', 'example.com', '{SHA512-CRYPT}$6$bobs');
INSERT INTO users (name, domain, password) VALUES ('alice', 'example.com', '{SHA512-CRYPT}$6$alices');
INSERT INTO alias (name, domain, aka_name, aka_domain) VALUES ('smith', 'example.com', 'bob', 'example.com');`;

const rows: DatabaseRows = {
  domains: [{ domain: 'example.com', aliasOf: null, catchAll: [], source: null }],
  users: ['alice', 'bob'].map((name) => ({
    name,
    domain: 'example.com',
    password: `{SHA512-CRYPT}$6$${name}s`,
    quota: null,
    enabled: true,
    sendAs: [],
    movedFrom: null,
    source: null,
  })),
  aliases: [{ name: 'smith', domain: 'example.com', destinations: ['bob@example.com'], source: null }],
};

/** The same in mail.yaml; postmaster@ and abuse@ are what mailc adds. */
const system = aMailSystem({
  users: rows.users.map(({ name, password }) => ({ address: `${name}@example.com`, passwordHash: password })),
  aliases: { 'smith@example.com': ['bob@example.com'] },
});

describeDatabases("docker-post's database", (kind) => {
  it('is read before anything is changed in it', async () => {
    const database = await kind.create();
    await database.query(dockerPost(database.role));
    expect(await withTarget(database, (target) => target.read())).toEqual({
      rows,
      schemaVersion: 0,
      drift: new Map(),
    });
  });

  it('is adopted with nothing lost', async () => {
    const database = await kind.create();
    await database.query(dockerPost(database.role));
    expect(await synchronised(database, system)).toEqual(asLive(system));
    expect(await database.query('SELECT * FROM public.login ORDER BY name')).toMatchObject([
      { name: 'abuse', user_name: 'alice' },
      {
        name: 'alice',
        user_name: 'alice',
        password: '{SHA512-CRYPT}$6$alices',
        mailbox: 'example.com/alice',
      },
      { name: 'bob', user_name: 'bob', password: '{SHA512-CRYPT}$6$bobs', mailbox: 'example.com/bob' },
      { name: 'postmaster', user_name: 'alice' },
      { name: 'smith', user_name: 'bob', password: '{SHA512-CRYPT}$6$bobs', mailbox: 'example.com/bob' },
    ]);
    expect((await withTarget(database, (target) => target.read())).schemaVersion).toBe(schemaVersion);
  });

  it('ends with the same definitions and grants as a new one', async () => {
    const adopted = await afterwards(await kind.create(), dockerPost);
    expect(adopted).toEqual(await afterwards(await kind.create(), () => ''));
  });

  it('is adopted too when an older PostgreSQL named its constraints', async () => {
    const adopted = await afterwards(
      await kind.create(),
      (role) => `${dockerPost(role)}
ALTER TABLE alias RENAME CONSTRAINT alias_aka_name_aka_domain_fkey TO alias_aka_name_fkey;`,
    );
    expect(adopted).toEqual(await afterwards(await kind.create(), () => ''));
  });

  it('loses users without a domain, who could never log in or get mail, and the plan says so', async () => {
    const database = await kind.create();
    await database.query(dockerPost(database.role));
    await database.query(`INSERT INTO users (name, password) VALUES ('nobody', 'x'), ('nobody', 'y')`);
    const read = await withTarget(database, (target) => target.read());
    expect(read.rows.users.map(({ name, domain }) => `${name}@${domain}`)).toContain('nobody@');
    expect(await synchronised(database, system)).toEqual(asLive(system));
  });
});

/** Definitions after a synchronisation of what `prepare` makes. */
async function afterwards(database: ADatabase, prepare: (role: string) => string) {
  await database.query(prepare(database.role));
  await synchronised(database, system);
  return definitions(database);
}

describeDatabases('a database of another program', (kind) => {
  it('is refused', async () => {
    const database = await kind.create();
    await database.query('CREATE TABLE users (id int, email text)');
    await expect(withTarget(database, (target) => target.read())).rejects.toMatchObject({
      diagnostics: [{ code: 'database-foreign' }],
    });
  });

  it('is refused when a newer mailc has migrated it', async () => {
    const database = await kind.create();
    await synchronised(database, system);
    await database.query(
      `INSERT INTO mailc.migration (number, title) VALUES (${schemaVersion + 1}, 'later')`,
    );
    await expect(withTarget(database, (target) => target.read())).rejects.toMatchObject({
      diagnostics: [{ code: 'database-too-new' }],
    });
  });
});
