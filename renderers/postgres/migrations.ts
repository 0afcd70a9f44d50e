/**
 * How docker-post's database becomes mailc's, step by numbered step. A step that was released is never
 * edited: what a later version needs is a new one at the end.
 */
import { sqlIdentifier, sqlLiteral } from '../../src/render/escape/sql.ts';
import { createFunctions } from './functions.ts';
import { outsideChanges } from './outside-changes.ts';
import { hmacFunction, verifierFunction } from './scram.ts';
import { block, note, type SqlStatement } from './step.ts';
import { type View, viewsByVersion } from './views.ts';

interface Migration {
  readonly title: string;
  readonly body: string;
  readonly declare?: string;
}

/** What docker-post's README creates; there already when its database is adopted. */
const dockerPostTables = `
CREATE TABLE IF NOT EXISTS public.domains (
  domain text UNIQUE NOT NULL
);
CREATE TABLE IF NOT EXISTS public.users (
  name text NOT NULL,
  domain text REFERENCES public.domains (domain) ON DELETE CASCADE ON UPDATE CASCADE,
  password text NOT NULL,
  UNIQUE (name, domain)
);
CREATE TABLE IF NOT EXISTS public.alias (
  name text NOT NULL,
  domain text NOT NULL,
  aka_name text NOT NULL,
  aka_domain text NOT NULL,
  UNIQUE (name, domain),
  FOREIGN KEY (aka_name, aka_domain) REFERENCES public.users (name, domain) ON DELETE CASCADE ON UPDATE CASCADE,
  FOREIGN KEY (domain) REFERENCES public.domains (domain) ON DELETE CASCADE ON UPDATE CASCADE
);`;

/**
 * An alias gets many destinations, elsewhere too. The old constraints are looked up, since their default names
 * differ between the versions of PostgreSQL that may have made them. Users without a domain, which docker-post
 * allowed, could neither log in nor get mail.
 */
const manyDestinations = `
FOR old IN
  SELECT c.conrelid::regclass AS relation, c.conname
  FROM pg_catalog.pg_constraint AS c
  WHERE c.conrelid = 'public.alias'::regclass
    AND (c.contype IN ('u', 'p') OR (c.contype = 'f' AND c.confrelid = 'public.users'::regclass))
  ORDER BY c.conname
LOOP
  EXECUTE pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT %I', old.relation, old.conname);
END LOOP;
FOR old IN
  SELECT c.conrelid::regclass AS relation, c.conname
  FROM pg_catalog.pg_constraint AS c
  WHERE c.conrelid = 'public.users'::regclass AND c.contype IN ('u', 'p')
  ORDER BY c.conname
LOOP
  EXECUTE pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT %I', old.relation, old.conname);
END LOOP;
DELETE FROM public.users WHERE domain IS NULL;
ALTER TABLE public.users ADD PRIMARY KEY (domain, name);
ALTER TABLE public.alias ADD PRIMARY KEY (domain, name, aka_domain, aka_name);`;

const aliasDomains = `
ALTER TABLE public.domains
  ADD COLUMN alias_of text REFERENCES public.domains (domain) ON UPDATE CASCADE,
  ADD COLUMN catch_all text[] NOT NULL DEFAULT '{}',
  ADD CONSTRAINT domains_alias_of_check CHECK (alias_of <> domain),
  ADD CONSTRAINT domains_catch_all_check CHECK (alias_of IS NULL OR catch_all = '{}');
CREATE INDEX domains_alias_of_idx ON public.domains (alias_of) WHERE alias_of IS NOT NULL;`;

/**
 * The folder of a mailbox is a column, so that it can outlive the address. docker-post's Dovecot had it at
 * domain/name. Collation C: folders are looked up by the bytes they begin with.
 */
const mailboxes = `
ALTER TABLE public.users
  ADD COLUMN quota bigint CHECK (quota >= 0),
  ADD COLUMN enabled boolean NOT NULL DEFAULT true,
  ADD COLUMN mailbox text COLLATE "C";
UPDATE public.users SET mailbox = domain || '/' || name;
ALTER TABLE public.users
  ALTER COLUMN mailbox SET NOT NULL,
  ADD UNIQUE (mailbox),
  ADD CONSTRAINT users_mailbox_check CHECK (mailbox !~ '(^|/)[.]{0,2}(/|$)');`;

const sendAs = `
CREATE TABLE public.send_as (
  name text NOT NULL,
  domain text NOT NULL,
  user_name text NOT NULL,
  user_domain text NOT NULL,
  PRIMARY KEY (domain, name, user_domain, user_name),
  FOREIGN KEY (user_name, user_domain) REFERENCES public.users (name, domain) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX send_as_user_idx ON public.send_as (user_domain, user_name);`;

/** Folders of deleted users: the mail in them is still there, and nobody else may be given it. */
const retiredMailboxes = `
CREATE TABLE mailc.retired_mailbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  mailbox text COLLATE "C" NOT NULL,
  name text NOT NULL,
  domain text NOT NULL
);
CREATE INDEX retired_mailbox_mailbox_idx ON mailc.retired_mailbox (mailbox);
CREATE INDEX retired_mailbox_address_idx ON mailc.retired_mailbox (domain, name);`;

function createViews(views: readonly View[]): string {
  return views
    .map(({ name, comment, query }) => {
      const view = `public.${sqlIdentifier(name)}`;
      return `CREATE VIEW ${view} AS${query};\nCOMMENT ON VIEW ${view} IS ${sqlLiteral(comment)};`;
    })
    .join('\n');
}

/** What was applied, and the verifier that was last set, for whoever may not read those of the server. */
const records = `
CREATE TABLE mailc.apply (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  mailc text NOT NULL,
  commit text,
  dirty boolean NOT NULL,
  plan_id text NOT NULL,
  who text NOT NULL,
  created int NOT NULL,
  updated int NOT NULL,
  deleted int NOT NULL,
  undone boolean NOT NULL DEFAULT false
);
CREATE TABLE mailc.role_password (
  role name PRIMARY KEY,
  verifier text NOT NULL
);`;

/** In order; the first has number 1. */
const migrations: readonly Migration[] = [
  { title: "docker-post's tables", body: dockerPostTables },
  { title: 'aliases with many destinations', declare: 'old record;', body: manyDestinations },
  { title: 'alias domains and catch-alls', body: aliasDomains },
  { title: 'quotas, disabled users and mailbox folders', body: mailboxes },
  { title: 'further sender addresses', body: sendAs },
  { title: 'folders of deleted users', body: retiredMailboxes },
  { title: 'password verifiers', body: `${hmacFunction};\n${verifierFunction};` },
  { title: 'records of what was applied', body: records },
  { title: 'views for Postfix and Dovecot', body: createViews(viewsByVersion.first) },
  { title: 'what is changed outside mailc', body: outsideChanges },
  {
    title: 'functions that Postfix and Dovecot ask, with plans that are kept',
    body: `${createViews(viewsByVersion.second)}\n${createFunctions}`,
  },
];

/** The number of the last migration: the version that this mailc brings a database to. */
export const schemaVersion = migrations.length;

/** Each migration looks whether it was done before; where all were, nothing is written. */
export function migrationSteps(): readonly SqlStatement[] {
  return [
    block(
      `
IF pg_catalog.to_regclass('mailc.migration') IS NULL THEN
  CREATE SCHEMA IF NOT EXISTS mailc;
  CREATE TABLE mailc.migration (
    number int PRIMARY KEY,
    title text NOT NULL,
    at timestamptz NOT NULL DEFAULT pg_catalog.now()
  );
END IF;
IF EXISTS (SELECT FROM mailc.migration WHERE number > ${schemaVersion}) THEN
  RAISE EXCEPTION 'a newer mailc has migrated this database'
    USING ERRCODE = 'MC001', HINT = 'use that version of mailc, or a later one';
END IF;`.trim(),
      { purpose: 'what was done to this database before' },
    ),
    ...migrations.map(({ title, body, declare }, index) =>
      block(
        `
IF EXISTS (SELECT FROM mailc.migration WHERE number = ${index + 1}) THEN
  RETURN;
END IF;
${body.trim()}
INSERT INTO mailc.migration (number, title) VALUES (${index + 1}, ${sqlLiteral(title)});
${note(sqlLiteral(`migration ${index + 1}: ${title}`))}`.trim(),
        { purpose: `migration ${index + 1}: ${title}`, ...(declare === undefined ? {} : { declare }) },
      ),
    ),
  ];
}
