/**
 * The role that Postfix and Dovecot log in as: it may read the views, call the functions that ask them, and nothing else. Each step compares
 * before it acts, so that a role that is right already is not written again.
 */
import { sqlIdentifier, sqlLiteral } from '../../src/render/escape/sql.ts';
import { functions, signature } from './functions.ts';
import { block, note, type Step } from './step.ts';
import { views } from './views.ts';

const passwordSetting = 'mailc.mail_password';
export const passwordVariable = 'mail_password';

export function roleSteps(role: string): readonly Step[] {
  return [
    attributes(role),
    noMemberships(role),
    noOtherGrants(role),
    nothingForEverybody(),
    grants(role),
    { kind: 'password', setting: passwordSetting, variable: passwordVariable },
    password(role),
  ];
}

/** Only what differs is altered: mentioning an attribute such as REPLICATION is a superuser's right. */
function attributes(role: string): Step {
  return block(
    `
SELECT * INTO existing FROM pg_catalog.pg_roles WHERE rolname = ${sqlLiteral(role)};
IF existing.rolname IS NULL THEN
  CREATE ROLE ${sqlIdentifier(role)} LOGIN NOINHERIT;
  ${note(`'role created'`)}
  RETURN;
END IF;
IF existing.rolsuper OR existing.rolname = current_user THEN
  RAISE EXCEPTION 'role % is an administrator, and the mail services would be too', pg_catalog.quote_ident(existing.rolname)
    USING ERRCODE = 'MC002', HINT = 'name another role under database.role in mail.yaml';
END IF;
IF EXISTS (SELECT FROM pg_catalog.pg_class WHERE relowner = existing.oid)
  OR EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspowner = existing.oid)
  OR EXISTS (SELECT FROM pg_catalog.pg_database WHERE datdba = existing.oid)
THEN
  RAISE EXCEPTION 'role % owns something, which no grant can take from it', pg_catalog.quote_ident(existing.rolname)
    USING ERRCODE = 'MC002', HINT = 'reassign it: REASSIGN OWNED BY ' || pg_catalog.quote_ident(existing.rolname) || ' TO CURRENT_USER';
END IF;
wrong := pg_catalog.concat_ws(' ',
  CASE WHEN NOT existing.rolcanlogin THEN 'LOGIN' END,
  CASE WHEN existing.rolinherit THEN 'NOINHERIT' END,
  CASE WHEN existing.rolcreatedb THEN 'NOCREATEDB' END,
  CASE WHEN existing.rolcreaterole THEN 'NOCREATEROLE' END,
  CASE WHEN existing.rolreplication THEN 'NOREPLICATION' END,
  CASE WHEN existing.rolbypassrls THEN 'NOBYPASSRLS' END,
  CASE WHEN existing.rolvaliduntil IS NOT NULL AND existing.rolvaliduntil <> 'infinity' THEN 'VALID UNTIL ''infinity''' END);
IF wrong <> '' THEN
  EXECUTE pg_catalog.format('ALTER ROLE %I %s', existing.rolname, wrong);
  ${note(`'role altered: ' || wrong`)}
END IF;`.trim(),
    { declare: 'existing record;\nwrong text;', purpose: 'the role of Postfix and Dovecot' },
  );
}

function noMemberships(role: string): Step {
  return block(
    `
FOR other IN
  SELECT pg_catalog.pg_get_userbyid(m.roleid) AS name, pg_catalog.pg_get_userbyid(m.grantor) AS grantor
  FROM pg_catalog.pg_auth_members AS m
  JOIN pg_catalog.pg_roles AS r ON r.oid = m.member
  WHERE r.rolname = ${sqlLiteral(role)}
  ORDER BY 1, 2
LOOP
  EXECUTE pg_catalog.format('REVOKE %I FROM %I GRANTED BY %I', other.name, ${sqlLiteral(role)}, other.grantor);
  ${note(`'role left: ' || other.name`)}
END LOOP;`.trim(),
    { declare: 'other record;' },
  );
}

const viewNames = views.map(({ name }) => sqlLiteral(name)).join(', ');
const functionSignatures = functions.map(({ name }) => sqlLiteral(signature(name))).join(', ');

/** docker-post granted its role every right on its tables. */
function noOtherGrants(role: string): Step {
  return block(
    `
FOR granted IN
  SELECT c.oid::regclass AS relation, pg_catalog.string_agg(DISTINCT g.privilege_type, ', ') AS privileges
  FROM pg_catalog.pg_class AS c
  CROSS JOIN LATERAL (
    SELECT a.grantee, a.privilege_type FROM pg_catalog.aclexplode(c.relacl) AS a
    UNION ALL
    SELECT a.grantee, a.privilege_type
    FROM pg_catalog.pg_attribute AS t CROSS JOIN LATERAL pg_catalog.aclexplode(t.attacl) AS a
    WHERE t.attrelid = c.oid
  ) AS g
  JOIN pg_catalog.pg_roles AS r ON r.oid = g.grantee
  WHERE r.rolname = ${sqlLiteral(role)}
    AND NOT (g.privilege_type = 'SELECT' AND c.relnamespace = 'public'::regnamespace AND c.relname IN (${viewNames}))
  GROUP BY c.oid
  ORDER BY c.oid::regclass::text
LOOP
  EXECUTE pg_catalog.format('REVOKE ALL ON %s FROM %I', granted.relation, ${sqlLiteral(role)});
  ${note(`'revoked on ' || granted.relation || ': ' || granted.privileges`)}
END LOOP;
FOR granted IN
  SELECT n.nspname AS name, pg_catalog.string_agg(g.privilege_type, ', ') AS privileges
  FROM pg_catalog.pg_namespace AS n
  CROSS JOIN LATERAL pg_catalog.aclexplode(n.nspacl) AS g
  JOIN pg_catalog.pg_roles AS r ON r.oid = g.grantee
  WHERE r.rolname = ${sqlLiteral(role)} AND NOT (n.nspname = 'public' AND g.privilege_type = 'USAGE')
  GROUP BY n.nspname
  ORDER BY n.nspname
LOOP
  EXECUTE pg_catalog.format('REVOKE ALL ON SCHEMA %I FROM %I', granted.name, ${sqlLiteral(role)});
  ${note(`'revoked on schema ' || granted.name || ': ' || granted.privileges`)}
END LOOP;
FOR granted IN
  SELECT d.datname AS name, pg_catalog.string_agg(g.privilege_type, ', ') AS privileges
  FROM pg_catalog.pg_database AS d
  CROSS JOIN LATERAL pg_catalog.aclexplode(d.datacl) AS g
  JOIN pg_catalog.pg_roles AS r ON r.oid = g.grantee
  WHERE r.rolname = ${sqlLiteral(role)} AND d.datname = pg_catalog.current_database() AND g.privilege_type <> 'CONNECT'
  GROUP BY d.datname
LOOP
  EXECUTE pg_catalog.format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM %I', granted.name, ${sqlLiteral(role)});
  ${note(`'revoked on the database: ' || granted.privileges`)}
END LOOP;`.trim(),
    { declare: 'granted record;', purpose: 'no right but to read the views' },
  );
}

/** What PUBLIC may, the mail role may. */
function nothingForEverybody(): Step {
  return block(
    `
FOR granted IN
  SELECT DISTINCT c.oid::regclass AS relation
  FROM pg_catalog.pg_class AS c
  CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS g
  WHERE g.grantee = 0 AND (
    c.relnamespace = 'mailc'::regnamespace
    OR c.relnamespace = 'public'::regnamespace AND c.relname IN ('domains', 'users', 'alias', 'send_as', ${viewNames})
  )
  ORDER BY 1
LOOP
  EXECUTE pg_catalog.format('REVOKE ALL ON %s FROM PUBLIC', granted.relation);
  ${note(`'revoked from everybody on ' || granted.relation`)}
END LOOP;
IF EXISTS (
  SELECT FROM pg_catalog.pg_namespace AS n CROSS JOIN LATERAL pg_catalog.aclexplode(n.nspacl) AS g
  WHERE n.nspname = 'public' AND g.grantee = 0 AND g.privilege_type = 'CREATE'
) THEN
  REVOKE CREATE ON SCHEMA public FROM PUBLIC;
  ${note(`'revoked from everybody on schema public: CREATE'`)}
END IF;
IF EXISTS (
  SELECT FROM pg_catalog.pg_database AS d
  CROSS JOIN LATERAL pg_catalog.aclexplode(coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))) AS g
  WHERE d.datname = pg_catalog.current_database() AND g.grantee = 0 AND g.privilege_type = 'TEMPORARY'
    AND pg_catalog.pg_has_role(d.datdba, 'USAGE')
) THEN
  EXECUTE pg_catalog.format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', pg_catalog.current_database());
  ${note(`'revoked from everybody on the database: TEMPORARY'`)}
END IF;`.trim(),
    { declare: 'granted record;' },
  );
}

function grants(role: string): Step {
  const name = sqlLiteral(role);
  return block(
    `
FOREACH view_name IN ARRAY ARRAY[${viewNames}] LOOP
  IF NOT pg_catalog.has_table_privilege(${name}, pg_catalog.format('public.%I', view_name), 'SELECT') THEN
    EXECUTE pg_catalog.format('GRANT SELECT ON public.%I TO %I', view_name, ${name});
    ${note(`'granted SELECT on ' || view_name`)}
  END IF;
END LOOP;
FOREACH function_signature IN ARRAY ARRAY[${functionSignatures}] LOOP
  IF NOT pg_catalog.has_function_privilege(${name}, function_signature, 'EXECUTE') THEN
    EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION %s TO %I', function_signature, ${name});
    ${note(`'granted EXECUTE on ' || function_signature`)}
  END IF;
END LOOP;
IF NOT pg_catalog.has_schema_privilege(${name}, 'public', 'USAGE') THEN
  GRANT USAGE ON SCHEMA public TO ${sqlIdentifier(role)};
  ${note(`'granted USAGE on schema public'`)}
END IF;
IF NOT pg_catalog.has_database_privilege(${name}, pg_catalog.current_database(), 'CONNECT') THEN
  EXECUTE pg_catalog.format('GRANT CONNECT ON DATABASE %I TO %I', pg_catalog.current_database(), ${name});
  ${note(`'granted CONNECT'`)}
END IF;`.trim(),
    { declare: 'view_name text;\nfunction_signature text;' },
  );
}

/**
 * Sets the password when the one that the role has is another. Only superusers may read the server's
 * verifiers; for others it is judged by the one that mailc set last.
 */
function password(role: string): Step {
  return block(
    `
wanted := pg_catalog.current_setting('${passwordSetting}', true);
PERFORM pg_catalog.set_config('${passwordSetting}', '', true);
IF coalesce(wanted, '') = '' THEN
  RETURN;
END IF;
IF pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT') THEN
  SELECT rolpassword INTO verifier FROM pg_catalog.pg_authid WHERE rolname = ${sqlLiteral(role)};
ELSE
  SELECT p.verifier INTO verifier FROM mailc.role_password AS p WHERE p.role = ${sqlLiteral(role)};
END IF;
IF wanted LIKE 'SCRAM-SHA-256$%' THEN
  IF wanted = verifier THEN
    RETURN;
  END IF;
ELSE
  IF wanted !~ '^[ -~]+$' THEN
    RAISE EXCEPTION 'the password of the mail role must be printable ASCII' USING ERRCODE = 'MC003';
  END IF;
  parts := pg_catalog.regexp_match(verifier, '^SCRAM-SHA-256[$]([0-9]+):([A-Za-z0-9+/=]+)[$]');
  IF verifier = mailc.scram_verifier(wanted, pg_catalog.decode(parts[2], 'base64'), parts[1]::int) THEN
    RETURN;
  END IF;
  salt := pg_catalog.substr(pg_catalog.sha256(pg_catalog.uuid_send(pg_catalog.gen_random_uuid())), 1, 16);
  wanted := mailc.scram_verifier(wanted, salt, 4096);
END IF;
EXECUTE pg_catalog.format('ALTER ROLE %I PASSWORD %L', ${sqlLiteral(role)}, wanted);
IF NOT pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT') THEN
  DELETE FROM mailc.role_password AS p WHERE p.role = ${sqlLiteral(role)};
  INSERT INTO mailc.role_password VALUES (${sqlLiteral(role)}, wanted);
END IF;
${note(`'password of the role'`)}`.trim(),
    {
      declare: 'wanted text;\nverifier text;\nparts text[];\nsalt bytea;',
      purpose: 'its password, when it has another',
    },
  );
}
