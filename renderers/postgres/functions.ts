/**
 * What Postfix and Dovecot ask for each message and login, as functions. Both send their questions as text, which
 * PostgreSQL would plan anew every time, and to plan a view of several joins takes it many times longer than to
 * answer. A function keeps its plans for as long as the connection lasts.
 */
import { sqlIdentifier, sqlLiteral } from '../../src/render/escape/sql.ts';

export interface SqlFunction {
  readonly name: string;
  /** What it answers, stored in the database as its comment. */
  readonly comment: string;
  readonly returns: string;
  /** PL/pgSQL; `$1` is a localpart and `$2` a domain. */
  readonly body: string;
}

/** Sorted by name. */
export const functions: readonly SqlFunction[] = [
  {
    name: 'login_of',
    comment: 'What the view login says of one name.',
    returns:
      'TABLE (user_name text, user_domain text, password text, quota bigint, mailbox text, enabled boolean)',
    body: `
  RETURN QUERY
    SELECT o.user_name, o.user_domain, o.password, o.quota, o.mailbox, o.enabled
    FROM public.own_login AS o
    WHERE o.name = $1 AND o.domain = $2;
  IF NOT FOUND THEN
    RETURN QUERY
      SELECT l.user_name, l.user_domain, l.password, l.quota, l.mailbox, l.enabled
      FROM public.login AS l
      WHERE l.name = $1 AND l.domain = $2;
  END IF;`,
  },
  {
    name: 'routes_of',
    comment: 'What the view virtual_route says of one address.',
    returns: 'TABLE (destination text)',
    body: `
  RETURN QUERY
    SELECT r.destination
    FROM public.virtual_route AS r
    WHERE r.name = $1 AND r.domain = $2;`,
  },
  {
    name: 'sender_logins_of',
    comment: 'What the view sender_login says of one address.',
    returns: 'TABLE (login text)',
    body: `
  RETURN QUERY
    SELECT s.login
    FROM public.sender_login AS s
    WHERE s.name = $1 AND s.domain = $2;`,
  },
];

/** As SQL names it, types and all. */
export function signature(name: string): string {
  return `public.${sqlIdentifier(name)}(text, text)`;
}

/**
 * With the rights of who calls, so that none of them shows more than the views do. A plan for any address is as
 * good as one for this address, and without being told so PostgreSQL makes five of those first.
 */
export const createFunctions = functions
  .map(
    ({ name, comment, returns, body }) => `
CREATE FUNCTION ${signature(name)} RETURNS ${returns}
LANGUAGE plpgsql STABLE SECURITY INVOKER SET plan_cache_mode = force_generic_plan AS $body$
BEGIN${body}
END
$body$;
REVOKE ALL ON FUNCTION ${signature(name)} FROM PUBLIC;
COMMENT ON FUNCTION ${signature(name)} IS ${sqlLiteral(comment)};`,
  )
  .join('\n');
