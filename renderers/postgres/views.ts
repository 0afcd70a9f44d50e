/**
 * The views that Postfix and Dovecot query; the mail role sees nothing else. Addresses of an alias domain are
 * answered from the domain that it stands for, so `domains` is always joined under both names.
 */

export interface View {
  readonly name: string;
  /** What one row says, stored in the database as the view's comment. */
  readonly comment: string;
  readonly query: string;
}

/** Each domain that mail is taken for, and the domain whose users and aliases it has. */
const served = `(SELECT domain, coalesce(alias_of, domain) AS home FROM public.domains)`;

/**
 * Aliases that are another name of one user: written once, with that user as the only destination (possibly
 * in an alias domain), and not the address of a user of its own.
 */
const secondNames = `(
  SELECT a.name, a.domain, u.name AS user_name, u.domain AS user_domain
  FROM public.alias AS a
  JOIN ${served} AS d ON d.domain = a.aka_domain
  JOIN public.users AS u ON u.domain = d.home AND u.name = a.aka_name
  WHERE NOT EXISTS (
    SELECT FROM public.alias AS other
    WHERE other.domain = a.domain AND other.name = a.name
      AND (other.aka_domain <> a.aka_domain OR other.aka_name <> a.aka_name)
  ) AND NOT EXISTS (
    SELECT FROM public.users AS same WHERE same.domain = a.domain AND same.name = a.name
  )
)`;

/** Those of the first version, sorted by name. */
const firstViews: readonly View[] = [
  {
    name: 'login',
    comment:
      'Login names, each with the user that logs in: the own address, and aliases with no other destination.',
    query: `
SELECT u.name, d.domain, u.name AS user_name, u.domain AS user_domain, u.password, u.quota, u.mailbox, u.enabled
FROM ${served} AS d
JOIN public.users AS u ON u.domain = d.home
UNION ALL
SELECT s.name, d.domain, u.name, u.domain, u.password, u.quota, u.mailbox, u.enabled
FROM ${served} AS d
JOIN ${secondNames} AS s ON s.domain = d.home
JOIN public.users AS u ON u.domain = s.user_domain AND u.name = s.user_name`,
  },
  {
    name: 'sender_login',
    comment: 'Who may send as an address; login is the address of a user.',
    query: `
SELECT u.name, d.domain, u.name || '@' || u.domain AS login
FROM ${served} AS d
JOIN public.users AS u ON u.domain = d.home
UNION
SELECT s.name, d.domain, s.user_name || '@' || s.user_domain
FROM ${served} AS d
JOIN ${secondNames} AS s ON s.domain = d.home
UNION
SELECT s.name, s.domain, s.user_name || '@' || s.user_domain
FROM public.send_as AS s
UNION
SELECT s.name, d.domain, s.user_name || '@' || s.user_domain
FROM public.domains AS d
JOIN public.send_as AS s ON s.domain = d.alias_of`,
  },
  {
    name: 'virtual_catch_all',
    comment: 'Where mail to unknown localparts of a domain goes.',
    query: `
SELECT d.domain, destination
FROM ${served} AS d
JOIN public.domains AS h ON h.domain = d.home
CROSS JOIN LATERAL unnest(h.catch_all) AS destination`,
  },
  {
    name: 'virtual_domain',
    comment: 'Every domain that mail is taken for.',
    query: `
SELECT domain
FROM public.domains`,
  },
  {
    name: 'virtual_mailbox',
    comment: 'Users, each with the folder of the mailbox below the mail volume.',
    query: `
SELECT name, domain, mailbox, enabled
FROM public.users`,
  },
  {
    name: 'virtual_route',
    comment:
      'Where an address leads, a row for each destination; a user leads to itself, so that no catch-all gets its mail.',
    query: `
SELECT u.name, d.domain, u.name || '@' || u.domain AS destination
FROM ${served} AS d
JOIN public.users AS u ON u.domain = d.home
UNION ALL
SELECT a.name, d.domain, a.aka_name || '@' || a.aka_domain
FROM ${served} AS d
JOIN public.alias AS a ON a.domain = d.home`,
  },
];

/** What nearly every login name is, and so asked for before all that `login` says. */
const ownLogin: View = {
  name: 'own_login',
  comment: 'Users by their own addresses, which they have in each alias domain too.',
  query: `
SELECT u.name, d.domain, u.name AS user_name, u.domain AS user_domain, u.password, u.quota, u.mailbox, u.enabled
FROM ${served} AS d
JOIN public.users AS u ON u.domain = d.home`,
};

export const viewsByVersion = { first: firstViews, second: [ownLogin] } as const satisfies Record<
  string,
  readonly View[]
>;

/** All that the mail role reads. */
export const views: readonly View[] = [...firstViews, ownLogin];
