// The role of Postfix and Dovecot reads the views, calls the functions that ask them, and that is all it can do.

import { describe, expect, it } from 'vitest';
import { functions, signature } from '../../renderers/postgres/functions.ts';
import { views } from '../../renderers/postgres/views.ts';
import { newVerifier, verifies } from '../../src/targets/database/scram-verifier.ts';
import { aMailSystem } from '../support/a-mail-system.ts';
import { type ADatabase, describeDatabases } from './databases.ts';
import { physicalRows } from './physical-rows.ts';
import { synchronised } from './synchronised.ts';

describeDatabases('the mail role', (kind) => {
  it('reads every view', async () => {
    const database = await kind.create();
    await synchronised(database, aMailSystem());
    for (const { name } of views) await asRole(database, `PERFORM * FROM public.${name}`);
  });

  it('calls the functions, which nobody else may, and which have no rights but those of who calls', async () => {
    const database = await kind.create();
    await synchronised(database, aMailSystem());
    for (const { name } of functions)
      await asRole(database, `PERFORM * FROM public.${name}('bob', 'example.com')`);
    const rights = await database.query(`
      SELECT oid::regprocedure::text AS function, prosecdef AS definer,
        ARRAY(SELECT grantee::regrole::text FROM aclexplode(proacl)
          WHERE grantee <> proowner ORDER BY 1) AS callers
      FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY proname`);
    expect(rights).toEqual(
      functions.map(({ name }) => ({
        function: signature(name).replace('public.', '').replaceAll('"', '').replace(', ', ','),
        definer: false,
        callers: [database.role],
      })),
    );
  });

  it('can do nothing else', async () => {
    const database = await kind.create();
    await synchronised(database, aMailSystem());
    const forbidden = [
      ...['public.users', 'public.alias', 'public.domains', 'public.send_as'].map(
        (t) => `PERFORM * FROM ${t}`,
      ),
      ...['mailc.apply', 'mailc.migration', 'mailc.retired_mailbox'].map((t) => `PERFORM * FROM ${t}`),
      `DELETE FROM public.virtual_domain`,
      `UPDATE public.virtual_mailbox SET enabled = true`,
      `INSERT INTO public.virtual_domain VALUES ('evil.example')`,
      `CREATE TABLE public.evil (x int)`,
      `CREATE TEMPORARY TABLE evil (x int)`,
      `CREATE SCHEMA evil`,
      `CREATE ROLE evil`,
      `PERFORM mailc.scram_verifier('x', '', 1)`,
      `PERFORM rolpassword FROM pg_authid`,
    ];
    for (const statement of forbidden) {
      await expect(asRole(database, statement), statement).rejects.toThrow(/permission denied/);
    }
  });

  it('loses what docker-post, or somebody by hand, has granted it', async () => {
    const database = await kind.create();
    const { role } = database;
    await synchronised(database, aMailSystem());
    const before = await attributes(database);
    await database.query(`
      ALTER ROLE ${role} CREATEDB CREATEROLE INHERIT NOLOGIN VALID UNTIL '2001-01-01';
      GRANT pg_read_all_data TO ${role};
      GRANT ALL ON public.users, public.virtual_route, mailc.apply TO ${role};
      GRANT SELECT (password) ON public.users TO ${role};
      GRANT SELECT ON public.alias TO PUBLIC;
      GRANT CREATE ON SCHEMA public TO PUBLIC;
      GRANT ALL ON SCHEMA public, mailc TO ${role};
      REVOKE SELECT ON public.login FROM ${role};
      REVOKE EXECUTE ON FUNCTION public.login_of FROM ${role};
      DO $$ BEGIN EXECUTE format('GRANT ALL ON DATABASE %I TO ${role}', current_database()); END $$`);
    await synchronised(database, aMailSystem());
    expect(await attributes(database)).toEqual(before);
    await expect(asRole(database, 'PERFORM password FROM public.users')).rejects.toThrow(/permission denied/);
    await expect(asRole(database, 'CREATE TABLE public.evil (x int)')).rejects.toThrow(/permission denied/);
    await asRole(database, 'PERFORM * FROM public.login');
    await asRole(database, `PERFORM * FROM public.login_of('bob', 'example.com')`);
  });

  it('is not made of an administrator, nor of an owner', async () => {
    const database = await kind.create();
    await database.query(`CREATE ROLE ${database.role} SUPERUSER`);
    const refusal = { diagnostics: [{ code: 'database-role-unfit' }] };
    await expect(synchronised(database, aMailSystem())).rejects.toMatchObject(refusal);
    await database.query(
      `ALTER ROLE ${database.role} NOSUPERUSER; CREATE TABLE t (); ALTER TABLE t OWNER TO ${database.role}`,
    );
    await expect(synchronised(database, aMailSystem())).rejects.toMatchObject(refusal);
    await database.query('DROP TABLE t');
  });

  it('gets the password once, and again only when it is another', async () => {
    const database = await kind.create();
    const stored = async () => {
      const [row] = await database.query(
        `SELECT rolpassword FROM pg_authid WHERE rolname = '${database.role}'`,
      );
      return String(row?.rolpassword);
    };
    await synchronised(database, aMailSystem(), 'first');
    expect(verifies(await stored(), 'first')).toBe(true);
    const before = await physicalRows(database);
    await synchronised(database, aMailSystem(), 'first');
    await synchronised(database, aMailSystem(), null);
    expect(await physicalRows(database)).toEqual(before);
    await synchronised(database, aMailSystem(), 'second');
    expect(verifies(await stored(), 'second')).toBe(true);
  });

  it('has a password that the database itself makes a verifier of in the same way', async () => {
    const database = await kind.create();
    await synchronised(database, aMailSystem());
    for (const password of ['x', 'a password of more than sixty-four characters: '.repeat(3)]) {
      const [, salt = ''] = /:([^$]*)\$/.exec(newVerifier(password)) ?? [];
      const [row] = await database.query(
        `SELECT mailc.scram_verifier('${password}', decode('${salt}', 'base64'), 4096) AS verifier`,
      );
      expect(verifies(String(row?.verifier), password)).toBe(true);
    }
  });
});

describe('a verifier', () => {
  it('is the one that PostgreSQL makes of the same password and salt', () => {
    // CREATE ROLE … PASSWORD 'secret' on PostgreSQL 15.
    const stored =
      'SCRAM-SHA-256$4096:DUdy9L2M5AEanwzfAyQgJw==$EQL4aVwfF19VVQrJkHPAb6Jj4SG8iprk0aNH+Fo4+cg=:l6TQxklo7Gjd+lw7RJXRwL7pVhBIgtSo+jN2wag4iGc=';
    expect(verifies(stored, 'secret')).toBe(true);
    expect(verifies(stored, 'Secret')).toBe(false);
  });

  it('is not one of another kind', () => expect(verifies(`md5${'0'.repeat(32)}`, 'x')).toBe(false));
});

/** Runs PL/pgSQL as the role, and takes back what it did. */
async function asRole({ query, role }: ADatabase, statement: string): Promise<void> {
  await query(
    `DO $$ BEGIN SET LOCAL ROLE ${role}; ${statement}; RAISE 'done' USING ERRCODE = 'TEST0'; EXCEPTION WHEN SQLSTATE 'TEST0' THEN END $$`,
  );
}

function attributes({ query, role }: ADatabase) {
  return query(`
    SELECT to_jsonb(r) - 'rolpassword' - 'rolvaliduntil' AS role, coalesce(rolvaliduntil, 'infinity') AS until,
      ARRAY(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = r.oid) AS memberships,
      ARRAY(SELECT c.relname || ' ' || privilege_type
        FROM pg_class c, aclexplode(relacl) WHERE grantee = r.oid ORDER BY 1) AS relations,
      ARRAY(SELECT attrelid::regclass || ' ' || privilege_type
        FROM pg_attribute, aclexplode(attacl) WHERE grantee = r.oid) AS columns,
      ARRAY(SELECT nspname || ' ' || privilege_type
        FROM pg_namespace, aclexplode(nspacl) WHERE grantee = r.oid AND privilege_type <> 'USAGE') AS schemas
    FROM pg_roles r WHERE rolname = '${role}'`);
}
