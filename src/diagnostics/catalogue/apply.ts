/** The pages of the diagnostics that the stage `apply` reports. */
import type { Catalogue } from './entry.ts';

export const applyCatalogue = {
  'apply-failed': {
    rule: 'An apply does all of its plan or none of it.',
    reason:
      'Something outside mailc refused a step: a full disk, a folder without permission, a connection that broke. What was done before it was undone.',
    cure: 'Put right what the message names, and apply again.',
  },
  'docker-not-available': {
    rule: 'Where containers are built or run, the `docker` command must reach a Docker daemon.',
    reason: 'mailc leaves images and containers to Docker, and asks it by its own command.',
    cure: 'Install Docker, start its daemon, and let the user who runs mailc talk to it; `docker version` shows whether it answers.',
  },
  'image-build-failed': {
    rule: 'Each service image must build from its folder below `images/`.',
    reason:
      'An image is made of Debian packages, so the build needs the base image and a Debian mirror, and both must have the series of the programs that mailc writes configuration for. An image that was there before stays as it was.',
    cure: 'Read what Docker said last. Without a registry, make a Debian 13 image with debootstrap and name it with `--base`. A version that was not found is of another Debian, or of a mailc that is too old for this one.',
  },
  'database-changed': {
    rule: 'An apply performs the changes that were planned, so the database must still be what the plan was made against.',
    reason:
      'Somebody else changed rows in between. What the plan said of bounces, logins and deleted users may not be true any more; nothing was changed.',
    cure: 'Run `mailc plan` again, look at it, and apply that.',
  },
  'database-connection-lost': {
    rule: 'The connection to the database must last for one transaction.',
    reason:
      'The server or the network ended it. The server rolls back what was not committed, so nothing was changed.',
    cure: 'See that the server runs, and apply again.',
  },
  'database-embedded-missing': {
    rule: '`embedded:DIR` needs the package `@electric-sql/pglite`.',
    reason: 'The embedded PostgreSQL is 27 MB that a system with a server of its own never needs.',
    cure: 'Run `npm install @electric-sql/pglite` beside mailc, or give the URL of a PostgreSQL server.',
  },
  'database-failed': {
    rule: 'Every statement of an apply must succeed, or none has an effect.',
    reason: 'The server refused a statement, for the reason in the message. The transaction was rolled back.',
    cure: 'Put right what the message names, and apply again.',
  },
  'database-foreign': {
    rule: 'The tables `domains`, `users` and `alias` must be those of docker-post or mailc, or not be there.',
    reason:
      'The database belongs to another program that has tables of the same names. mailc would delete the rows that mail.yaml does not know.',
    cure: 'Give mailc a database of its own: `CREATE DATABASE mail`.',
  },
  'database-locked': {
    rule: 'One apply at a time changes a database.',
    reason:
      'Two at once would each undo what the other did. An embedded database is for one process altogether.',
    cure: 'Wait until the other one has ended, and plan again: the database may have changed.',
  },
  'database-login-refused': {
    rule: 'The server must let the user of the URL in.',
    reason: 'The user name, the password or the way of connecting is not one that the server accepts.',
    cure: 'Check the user and the password. To keep the password out of the URL, set `PGPASSWORD`, or use `~/.pgpass`.',
  },
  'database-not-found': {
    rule: 'The database that the URL names must exist.',
    reason:
      'mailc makes tables, roles and rows, but no databases: a misspelt name should not give an empty mail system.',
    cure: 'Correct the name, or create it: `createdb mail`. The container that mailc runs makes it by itself.',
  },
  'database-outcome-unknown': {
    rule: 'An apply is done when the server says that it has committed.',
    reason:
      'The connection broke after mailc had asked for the commit, and the server could not be asked again. All rows were changed or none.',
    cure: 'Run `mailc plan`: it is empty if the rows were committed.',
  },
  'database-permission': {
    rule: 'mailc connects as a user that may create roles and owns the tables, to a server that takes writes.',
    reason:
      'It creates the role that Postfix and Dovecot log in as, and grants it the right to read the views. A standby takes no writes at all.',
    cure: 'Connect as the superuser, `postgres` in the container that mailc runs, or as the owner of the database with CREATEROLE.',
  },
  'database-role-unfit': {
    rule: 'The role of Postfix and Dovecot may only read.',
    reason:
      'The role that `database.role` names is an administrator or owns tables. Whoever breaks into a mail service would own the database.',
    cure: 'Name another role under `database.role`; mailc creates it.',
  },
  'database-server-too-old': {
    rule: 'The server must be PostgreSQL 15 or later.',
    reason: 'Older versions let everybody create tables in the schema public, and are not tested with mailc.',
    cure: 'Upgrade the server: dump the database, load it into a new one, and apply.',
  },
  'database-too-new': {
    rule: 'A database is only changed by a mailc that knows its tables.',
    reason: 'A newer version of mailc has migrated it, and this one cannot know what its columns mean.',
    cure: 'Use that version of mailc, or a later one.',
  },
  'database-unreachable': {
    rule: 'The server that the URL names must answer.',
    reason: 'No connection came about: the server does not run, or host, port or socket are others.',
    cure: 'Check that it runs and listens where the URL says. The port of the container that mailc runs is not published: give its address in the mail network.',
  },
  'database-url-invalid': {
    rule: 'The database is a URL, `postgresql://USER@HOST:PORT/NAME`, or `embedded:DIR`.',
    reason:
      'Anything else cannot be told from a mistake. The text is not shown, since it may hold a password.',
    cure: 'Write special characters of the password as `%XX`, or leave it out and set `PGPASSWORD`.',
  },
  'file-exists': {
    rule: '`mailc init` writes new files only.',
    reason: 'What stands in a file that is there may be the only description of a running mail system.',
    cure: 'Name an empty folder, or move the file away first.',
  },
  'host-not-writable': {
    rule: "`mailc apply --root FOLDER` writes below the host's `data` folder in FOLDER.",
    reason:
      'Configuration, secrets and the record of what was applied lie there; without them there is nothing to apply.',
    cure: 'Run `mailc apply` as root on the host, or give `--root` a folder of your own to try things out.',
  },
  'host-unknown': {
    rule: '`--host` names one of the hosts in mail.yaml.',
    reason: 'Files of another host, or of none, would be staged where nothing expects them.',
    cure: 'Give the name as it stands under `hosts:`, or leave `--host` out where mail.yaml has one host only.',
  },
  'output-not-writable': {
    rule: 'The output folder must be one that mailc can write to, without symbolic links in it.',
    reason:
      'A symbolic link in a checked-out folder may come from a pull request and lead anywhere on the machine.',
    cure: 'Make the folder writable, remove the link that the message names, or choose another folder with `-o`.',
  },
  'probe-failed': {
    rule: 'After a change each published listener must serve its clients as mail.yaml says, and a message must come through.',
    reason:
      'mailc asks every published port as a mail program or another mail server would: the greeting, TLS with a certificate for the host, no login before TLS, a login and recipients that must be refused; and it sends a message to an account of its own, the canary, and reads it back. What fails here would fail for users.',
    cure: 'Read what the message names in the log of the container, `docker logs postfix` or `docker logs dovecot`. An expired certificate, or one for another name, is put right where `tls` points. Then apply again.',
  },
  'resolver-invalid': {
    rule: '`--resolver` is the IP address of a DNS server.',
    reason: 'A name would have to be looked up first, by the servers that `--resolver` is to replace.',
    cure: 'Write an address, with a port if it is not 53: `192.0.2.53`, `192.0.2.53:5353` or `[2001:db8::53]:5353`.',
  },
  'secret-elsewhere': {
    rule: 'A secret that several hosts share is made on one of them, and brought to the others.',
    reason:
      'The host of the database makes what it needs itself; what it does not need, the first host by name does. A host that made a password or a DKIM key of its own could not log in to the database of another, or would sign with a key that nobody has published.',
    cure: "Apply on the host that the message names first. Then pipe the secrets over: `mailc secrets export --host A --for B --root / | ssh B 'cd mail-config && mailc secrets import --host B --root /'`, and apply on this one.",
  },
  'secret-missing': {
    rule: 'A secret that someone chose must be at hand when it is needed.',
    reason:
      'mail.yaml says only where a secret comes from. Without it a service could not log in where it has to, so nothing is changed at all.',
    cure: 'Set the environment variable for `mailc apply`, or put the file where mail.yaml says it is, readable by whoever runs mailc.',
  },
  'secrets-differ': {
    rule: 'An import replaces a secret of the host only when it is told to.',
    reason:
      'The host has another value, which its files and perhaps a database role have too. Which of the two is right, only somebody who knows both hosts can say.',
    cure: 'If the other host is right, import with `--replace`, and apply: the plan shows which files get the new value.',
  },
  'secrets-unreadable': {
    rule: '`mailc secrets import` reads what `mailc secrets export` has written, whole.',
    reason:
      'Text that was cut short or changed on the way, or that is of something else, would end up as the password of a database.',
    cure: 'Export again, and pipe it over without a file in between.',
  },
  'secret-unsuitable': {
    rule: 'A chosen secret must be one that the configuration file it goes into can hold.',
    reason:
      'A line break or another control character would end the line in the file, so that the rest of the secret would be read as a setting.',
    cure: 'Choose a secret of printable characters, without white space at its ends.',
  },
} as const satisfies Catalogue;
