/**
 * A memory of what is done to the rows by others than mailc: for each address what the last apply had left there, and
 * who changed it last. Triggers keep it, so that it holds for whatever program writes.
 */
import { statement } from './step.ts';

/** `on` within a transaction of mailc's own, whose changes need no memory. */
const applyingSetting = 'mailc.applying';

export const sayApplying = statement(`SET LOCAL ${applyingSetting} = 'on'`);

/** What is put right now, or was found to be right. Where there is nothing, nothing is written. */
export const forgetOutsideChanges = statement('DELETE FROM mailc.outside_change', {
  purpose: 'what was changed outside mailc is put right',
});

const table = `
CREATE TABLE mailc.outside_change (
  kind text NOT NULL CHECK (kind IN ('domain', 'user', 'alias')),
  address text NOT NULL,
  at timestamptz NOT NULL,
  who text NOT NULL,
  client text,
  application text NOT NULL,
  action text NOT NULL,
  before jsonb,
  PRIMARY KEY (kind, address)
);
COMMENT ON TABLE mailc.outside_change IS
  'What was changed outside mailc since the last apply: what had been there, and who changed it last';`;

/**
 * A row is noted before it changes, so that what is read here is what was there: all of an address at once, since a
 * user has rows in send_as and an alias has one for each destination.
 */
const noteAddress = `
CREATE FUNCTION mailc.note_address(kind text, name text, domain text, action text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  noted text := CASE kind WHEN 'domain' THEN domain ELSE name || '@' || domain END;
  before jsonb;
BEGIN
  UPDATE mailc.outside_change AS o
  SET at = clock_timestamp(), who = session_user, client = host(inet_client_addr()),
    application = current_setting('application_name'), action = note_address.action
  WHERE o.kind = note_address.kind AND o.address = noted;
  IF FOUND THEN
    RETURN;
  END IF;
  CASE note_address.kind
    WHEN 'domain' THEN
      SELECT jsonb_build_object('alias_of', d.alias_of, 'catch_all', d.catch_all) INTO before
      FROM public.domains AS d WHERE d.domain = note_address.domain;
    WHEN 'user' THEN
      SELECT jsonb_build_object('password', u.password, 'quota', u.quota, 'enabled', u.enabled, 'send_as', ARRAY(
        SELECT s.name || '@' || s.domain FROM public.send_as AS s
        WHERE s.user_domain = u.domain AND s.user_name = u.name
      )) INTO before
      FROM public.users AS u WHERE u.domain = note_address.domain AND u.name = note_address.name;
    WHEN 'alias' THEN
      SELECT jsonb_build_object('destinations', array_agg(a.aka_name || '@' || a.aka_domain)) INTO before
      FROM public.alias AS a WHERE a.domain = note_address.domain AND a.name = note_address.name
      HAVING count(*) > 0;
  END CASE;
  INSERT INTO mailc.outside_change (kind, address, at, who, client, application, action, before)
  VALUES (note_address.kind, noted, clock_timestamp(), session_user, host(inet_client_addr()),
    current_setting('application_name'), note_address.action, before)
  ON CONFLICT ON CONSTRAINT outside_change_pkey DO UPDATE
  SET at = excluded.at, who = excluded.who, client = excluded.client, application = excluded.application,
    action = excluded.action;
END
$body$;`;

/** Runs as the owner of the tables, so that nobody who may write users needs a right on what is noted, or has one. */
const noteChange = `
CREATE FUNCTION mailc.note_outside_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  kind text := CASE TG_TABLE_NAME WHEN 'domains' THEN 'domain' WHEN 'alias' THEN 'alias' ELSE 'user' END;
  key record;
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    FOR key IN EXECUTE CASE TG_TABLE_NAME
      WHEN 'domains' THEN 'SELECT NULL::text AS name, domain FROM public.domains'
      WHEN 'users' THEN 'SELECT name, domain FROM public.users'
      WHEN 'alias' THEN 'SELECT DISTINCT name, domain FROM public.alias'
      ELSE 'SELECT DISTINCT user_name AS name, user_domain AS domain FROM public.send_as' END
    LOOP
      PERFORM mailc.note_address(kind, key.name, key.domain, TG_OP);
    END LOOP;
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD IS NOT DISTINCT FROM NEW THEN
    RETURN NEW;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    IF TG_TABLE_NAME = 'domains' THEN
      PERFORM mailc.note_address(kind, NULL, OLD.domain, TG_OP);
    ELSIF TG_TABLE_NAME = 'send_as' THEN
      PERFORM mailc.note_address(kind, OLD.user_name, OLD.user_domain, TG_OP);
    ELSE
      PERFORM mailc.note_address(kind, OLD.name, OLD.domain, TG_OP);
    END IF;
    IF TG_OP = 'DELETE' THEN
      RETURN OLD;
    END IF;
  END IF;
  IF TG_TABLE_NAME = 'domains' THEN
    PERFORM mailc.note_address(kind, NULL, NEW.domain, TG_OP);
  ELSIF TG_TABLE_NAME = 'send_as' THEN
    PERFORM mailc.note_address(kind, NEW.user_name, NEW.user_domain, TG_OP);
  ELSE
    PERFORM mailc.note_address(kind, NEW.name, NEW.domain, TG_OP);
  END IF;
  RETURN NEW;
END
$body$;
REVOKE EXECUTE ON FUNCTION mailc.note_address, mailc.note_outside_change FROM PUBLIC;`;

/**
 * The condition is looked at before the function is called, which for mailc's own changes it never is. Anybody can
 * say the setting; it counts for those who could empty the memory anyway.
 */
const unlessApplying = `
  WHEN (pg_catalog.current_setting('${applyingSetting}', true) IS DISTINCT FROM 'on'
    OR NOT pg_catalog.has_table_privilege(session_user, 'mailc.outside_change'::regclass, 'DELETE'))
  EXECUTE FUNCTION mailc.note_outside_change();`;

const triggers = ['domains', 'users', 'alias', 'send_as']
  .map(
    (name) => `
CREATE TRIGGER mailc_outside_change BEFORE INSERT OR UPDATE OR DELETE ON public.${name} FOR EACH ROW${unlessApplying}
CREATE TRIGGER mailc_outside_truncate BEFORE TRUNCATE ON public.${name} FOR EACH STATEMENT${unlessApplying}`,
  )
  .join('');

/** The body of a migration. */
export const outsideChanges = `${table}${noteAddress}${noteChange}${triggers}`;
