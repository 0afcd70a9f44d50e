/** The pages of the diagnostics that the stage `resolve` reports: of single values and what they refer to. */
import type { Catalogue } from './entry.ts';

export const resolveCatalogue = {
  'address-in-alias-domain': {
    rule: 'A domain with `alias_of` has no users and aliases of its own.',
    reason:
      'An alias domain is another name for a domain: every address of the one exists in the other. An address ' +
      'that exists in the alias domain alone would be a second meaning for the same word.',
    cure: 'Define the address in the domain that `alias_of` names, or take `alias_of` away and make it a domain like others.',
  },
  'address-malformed': {
    rule: 'An address must be well-formed.',
    reason:
      'Addresses end up in folder names, queries and mail headers. Addresses of this system may hold letters, digits ' +
      "and `. _ + - = ' & ~ #` before the @, which is all that people use, and has no second meaning anywhere. " +
      'Addresses elsewhere may hold all that RFC 5321 allows without quotes. Case does not count.',
    cure: 'Correct the address. Only the domain may have letters beyond ASCII.',
  },
  'alias-domain-chain': {
    rule: '`alias_of` must name a domain that is itself no alias.',
    reason: 'Each domain has its addresses from one place. Chains and circles would leave it open which.',
    cure: 'Name the domain at the end of the chain.',
  },
  'alias-domain-setting': {
    rule: 'A domain with `alias_of` has no `catch_all`, `postmaster` or `quota` of its own.',
    reason: "It has the users and aliases of another domain, and with them that domain's settings for them.",
    cure: 'Write the setting for the domain that `alias_of` names.',
  },
  'alias-shadows-user': {
    rule: 'An address is a user or an alias, not both.',
    reason:
      'Postfix looks for aliases first: the mailbox would never get a message again, without any error.',
    cure:
      "Remove one of the two. To forward mail and keep a copy, let the user's Sieve script say " +
      '`redirect :copy "partner@elsewhere.org";`.',
  },
  'catch-all-external': {
    rule: 'A catch-all should lead to somebody of this system.',
    reason:
      'Robots send to made-up addresses all day. Forwarded to another provider, their spam comes from your host, ' +
      'and your host is what ends on block lists.',
    cure: 'Let the catch-all lead to a user, or forward single addresses by aliases.',
  },
  'data-folder-unsuitable': {
    rule: 'The data folder must be a folder of its own that outlives a restart.',
    reason:
      "Mail, the database and keys are kept below it. Folders such as `/etc` are the system's; `/tmp` and `/run` are emptied.",
    cure: 'Write a path such as `/srv/mail`.',
  },
  'database-name-reserved': {
    rule: 'Neither the database nor its role may have a name that Postgres keeps for itself.',
    reason:
      'The role may only read, and is made by mailc; `postgres` is the superuser. Roles that begin with `pg_` cannot be ' +
      'created, and the template databases are copied into every new one.',
    cure: 'Write another name, such as `mail`.',
  },
  'destination-falls-to-catch-all': {
    rule: 'What points to an address should point to a user or an alias.',
    reason:
      'The address does not exist, and its mail would go to the catch-all of its domain: most likely it is misspelt.',
    cure: 'Correct the address, or write that of the catch-all.',
  },
  'destination-unknown': {
    rule: 'What points to an address of a hosted domain must point to a user or an alias.',
    reason: 'Mail to the address would be accepted and then bounce, or with a catch-all run in a circle.',
    cure: 'Correct the address, or add it under `users` or `aliases`.',
  },
  'disabled-check-unknown': {
    rule: '`checks.disable` may hold the codes of warnings only.',
    reason:
      'A misspelt code would switch off nothing, and nobody would notice. Errors cannot be switched off.',
    cure: "Write the code that stands in brackets in the warning's first line.",
  },
  'dkim-key-malformed': {
    rule: 'Each of `dkim.public_keys` must be a whole RSA key.',
    reason:
      'A key in DNS that cannot be read makes every signature of the domain fail, and with DMARC its mail is refused.',
    cure: 'Copy the `p=` value of the record that `mailc dns` prints: one line of base64 without quotes and spaces.',
  },
  'dkim-key-short': {
    rule: 'A DKIM key should have 2048 bits (RFC 8301).',
    reason: 'Shorter keys can be broken, and some receivers no longer count their signatures.',
    cure: 'Write another selector as `next`: the next apply makes a key of 2048 bits for it, and the plan says how to go on.',
  },
  'dkim-key-unused': {
    rule: 'A public key under `dkim.public_keys` belongs to `selector`, `next` or `previous`.',
    reason:
      'Only the records of these are published. A key under another name is a misspelt selector, or what a rotation has left behind.',
    cure: 'Correct the selector, or remove the line.',
  },
  'dkim-off': {
    rule: 'Mail of every domain should be signed (DKIM, RFC 6376).',
    reason:
      'Large receivers file mail without an aligned signature as spam, or refuse it, and forwarding breaks DMARC.',
    cure: 'Delete `dkim: false`: the key is made at the first apply, and the record stands in the compiled zone.',
  },
  'dkim-selector-twice': {
    rule: '`selector`, `next` and `previous` name different keys.',
    reason:
      'A key is replaced by another one of another name, and both are published for a while: a message that was signed with the old one can still be verified.',
    cure: 'Give the new key a selector of its own. Where the rotation is over, remove `next` or `previous`.',
  },
  'dmarc-policy-none': {
    rule: 'A domain should ask receivers to reject or quarantine forged mail (RFC 7489).',
    reason:
      '`p=none` means: deliver it. It is right for the first weeks only, while reports show what would fail.',
    cure: 'Write `dmarc: { policy: quarantine }` once the reports show that all own mail passes.',
  },
  'dmarc-report-elsewhere': {
    rule: 'DMARC reports go to a hosted address, or to a domain that agrees to get them.',
    reason:
      'RFC 7489 section 7.1: receivers send reports to another domain only if that domain publishes a record for it. ' +
      'mailc cannot publish it there.',
    cure: 'Ask the other domain for the record in the hint, then switch this warning off; or use a hosted address.',
  },
  'dnsbl-any-reply': {
    rule: 'A block list should say which of its replies mean a listing.',
    reason:
      'Lists reply with codes of their own when they are asked too often, or through a public resolver. ' +
      'Counted as listings, these would refuse all mail.',
    cure: 'Write `reply:` with the codes that the list documents, such as `127.0.0.[2..11]` for zen.spamhaus.org.',
  },
  'dnsbl-reply-malformed': {
    rule: 'The reply filter of a block list must be one that postscreen understands.',
    reason: 'postscreen would stop with an error, and port 25 with it.',
    cure: 'Write four numbers up to 255 with dots between them; each may be a list in brackets: `127.0.0.[2;4..7]`.',
  },
  'dnsbl-threshold-unreachable': {
    rule: 'The weights of the block lists together must reach the threshold.',
    reason: 'Otherwise the lists are asked for every client, and never refuse one.',
    cure: 'Lower `postscreen.threshold`, raise the weights, or add a list.',
  },
  'domain-malformed': {
    rule: 'A domain name must be well-formed, with at least one dot.',
    reason:
      'Names are compared in lower case and in their ASCII form (IDNA), so that two spellings of one name are one name. ' +
      'Characters that cannot be seen, such as direction marks, are no part of a name.',
    cure: 'Correct the name: letters, digits and hyphens between dots, up to 63 in each part and 253 in all.',
  },
  'domain-missing': {
    rule: 'At least one domain must be hosted that is no alias domain.',
    reason: 'Without one there is nothing to receive, and no domain for the senders of forwarded mail.',
    cure: 'Write it under `domains`.',
  },
  'duplicate-address': {
    rule: 'An address is defined once.',
    reason:
      'Addresses that differ by case or in the spelling of an international domain are the same. One definition would be lost.',
    cure: 'Delete one of the two, or merge them.',
  },
  'duplicate-domain': {
    rule: 'A domain is defined once.',
    reason:
      'Names that differ by case or by Unicode spelling are the same name. One definition would be lost.',
    cure: 'Delete one of the two, or merge them.',
  },
  'duplicate-host': {
    rule: 'A host is defined once.',
    reason:
      'Names that differ by case or by Unicode spelling are the same name. One definition would be lost.',
    cure: 'Delete one of the two, or merge them.',
  },
  'host-address-private': {
    rule: 'The addresses of a host should be public.',
    reason: 'They are published in DNS, for other mail servers to connect to.',
    cure: 'Write the public address, that of the router if it passes the ports on.',
  },
  'host-address-unusable': {
    rule: 'The addresses of a host must be ones that other machines can reach.',
    reason: 'Loopback, link-local, multicast and mapped addresses mean something else on every machine.',
    cure: 'Write the public address.',
  },
  'host-name-too-long': {
    rule: 'A host name has at most 64 octets, 50 of them before the first dot.',
    reason:
      'Linux takes no longer host name, and the names of containers are made of a service and the first part.',
    cure: 'Shorten the name.',
  },
  'ip-address-malformed': {
    rule: 'An IP address is written in full: four numbers, or IPv6.',
    reason: 'Short forms, numbers with leading zeros and zones are read differently by different programs.',
    cure: 'Write one address, such as `203.0.113.10` or `2001:db8::10`, without prefix and port.',
  },
  'message-size-out-of-range': {
    rule: 'The message size lies between 64 KB and 1 GB.',
    reason: 'RFC 5321 wants at least 64 KB; beyond 1 GB a message is scanned for neither spam nor viruses.',
    cure: 'Write a size such as `50MB`, which most other servers take too.',
  },
  'moved-from-twice': {
    rule: 'A mailbox can be taken over by one user only.',
    reason: '`moved_from` keeps the folder with its mail; two users cannot have the same.',
    cure: 'Delete one of the two lines.',
  },
  'moved-from-user': {
    rule: '`moved_from` names a former address, not a user.',
    reason: 'The mailbox belongs to that user, who would lose it.',
    cure: 'Delete the line, or the user that has moved.',
  },
  'network-name-reserved': {
    rule: "The mail network must not have the name of one of Docker's own networks.",
    reason: 'Containers on the default bridge cannot find each other by name, and are not alone there.',
    cure: 'Write another name, such as `mail`.',
  },
  'password-clear-text': {
    rule: 'A password is written as a hash.',
    reason: 'mail.yaml is in git, where everyone who ever had a copy can read it.',
    cure: 'Run `mailc passwd`, write what it prints, and choose another password: this one was seen.',
  },
  'password-few-rounds': {
    rule: 'A password hash should be slow to compute.',
    reason:
      'Whoever gets hold of mail.yaml tries words until one fits, and the rounds are what each try costs. ' +
      'The least are 20000 rounds for SHA512-CRYPT and SHA256-CRYPT, cost 10 for BLF-CRYPT, 19 MiB twice for ARGON2, and ' +
      '600000 rounds for PBKDF2 and SCRAM-SHA-256. SSHA256 and SSHA512 have one round.',
    cure:
      'A hash cannot be made slower without the password: run `mailc passwd` when the user next chooses one. ' +
      'Until then, `checks: { disable: [password-few-rounds] }`.',
  },
  'password-hash-malformed': {
    rule: 'A password hash must have the form that its scheme gives it.',
    reason: 'With a character lost or changed no password ever fits, and the user cannot log in.',
    cure: 'Copy the hash again, in single quotes, or run `mailc passwd`.',
  },
  'password-scheme-missing': {
    rule: 'A password hash says its scheme, unless it is SHA512-CRYPT.',
    reason: 'Dovecot must not have to guess how to compare.',
    cure: 'Put the scheme in braces in front: `{BLF-CRYPT}$2y$…`.',
  },
  'password-scheme-unknown': {
    rule: 'The scheme of a password hash must be one that mailc knows as strong.',
    reason: 'Dovecot refuses every login with a scheme that it does not know.',
    cure: 'Run `mailc passwd`. Known are SHA512-CRYPT, SHA256-CRYPT, BLF-CRYPT, ARGON2ID, ARGON2I, PBKDF2, SCRAM-SHA-256, SSHA256 and SSHA512.',
  },
  'password-scheme-weak': {
    rule: 'The scheme of a password hash must be strong.',
    reason:
      'MD5, DES, SHA-1 and hashes without salt are broken within hours by anybody who gets hold of them.',
    cure: 'Run `mailc passwd` with a new password.',
  },
  'path-malformed': {
    rule: 'A path is absolute and made of letters, digits and `. _ - @ + = ~`.',
    reason:
      'Paths stand in shell scripts, unit files and Docker mounts, where spaces, colons and commas have meanings of their own.',
    cure: 'Use another path, or a symbolic link to it.',
  },
  'port-without-service': {
    rule: 'A host publishes ports of services that run on it.',
    reason: 'Nothing would answer, so the port is not published.',
    cure: "Delete the port, or add the service to the host's `services`.",
  },
  'postmaster-missing': {
    rule: 'Somebody must get the mail to postmaster@ and abuse@ of every domain.',
    reason:
      'RFC 5321 section 4.5.1 and RFC 2142 demand both addresses. Without them you do not hear of trouble with your ' +
      'mail, and some receivers refuse it.',
    cure: 'Write `postmaster: bob@example.com` at the top level; domains may have their own.',
  },
  'quota-below-message-size': {
    rule: 'A quota should have room for more than one message.',
    reason:
      'The largest message that is accepted would fill the mailbox, and all further mail would be refused.',
    cure: 'Raise the quota or lower `mail.message_size`.',
  },
  'quota-out-of-range': {
    rule: 'A quota is a size above zero, or `false`.',
    reason: 'To Dovecot a quota of zero means no limit, which is not what it looks like.',
    cure: 'Write `false` for no limit.',
  },
  'relay-login-incomplete': {
    rule: 'A login at the relay has a username and a password.',
    reason: 'The relay would refuse all mail.',
    cure: 'Write both or neither: `username: NAME` and `password: { env: RELAY_PASSWORD }`.',
  },
  'relay-loops': {
    rule: 'The relay is a server of somebody else.',
    reason: 'A host that hands its mail to itself returns all of it as a mail loop.',
    cure: "Write the name that the relay's provider gives, or leave `relay` out to deliver directly.",
  },
  'relay-not-in-spf': {
    rule: 'The SPF records should cover the relay.',
    reason:
      "Mail comes from the relay's addresses then. Where SPF does not list them receivers see forged mail, and with " +
      'a strict DMARC policy only the signature still saves it.',
    cure: "Write `spf_include:` with the domain that the relay's provider documents, such as `spf.provider.example`.",
  },
  'relay-username-malformed': {
    rule: 'The username at the relay is printable ASCII without spaces and colons.',
    reason: 'Postfix reads it from a line in which a colon ends the username.',
    cure: 'Correct it, or ask the provider for another name.',
  },
  'send-as-foreign-domain': {
    rule: 'A user may send as addresses of hosted domains only.',
    reason: 'Neither SPF nor DKIM of another domain lets this system send for it: the mail would be refused.',
    cure: 'Correct the domain, or host it.',
  },
  'send-as-other-user': {
    rule: 'A user should not send as another user.',
    reason:
      'Nobody who gets the mail can tell who wrote it. It may be meant so, for an assistant for example.',
    cure: 'Give the two a common alias to send as. If it is meant, `checks: { disable: [send-as-other-user] }`.',
  },
  'send-as-unknown': {
    rule: 'A user may send as addresses that exist.',
    reason:
      'Replies would bounce, and Postfix refuses a sender that is nobody (`smtpd_reject_unlisted_sender`).',
    cure: 'Correct the address, or add it under `aliases`.',
  },
  'service-unused': {
    rule: 'A host should list services that have work to do.',
    reason: 'The setting that would use the service is off, so it is not started.',
    cure: 'Delete it from the list, or switch the setting on.',
  },
  'spam-levels-disordered': {
    rule: 'The levels rise: `tag_level`, then `junk_level`, then `discard_level`.',
    reason:
      'Sieve files by the headers that are added from the tag level on; what is discarded never reaches Junk.',
    cure: 'Put them in order. Left out, they are.',
  },
  'subnet-holds-host': {
    rule: 'The mail network must not hold the address of a host.',
    reason: 'Containers could not reach that host, and its connections would seem to come from inside.',
    cure: 'Write another range.',
  },
  'subnet-malformed': {
    rule: 'A subnet is written by its first address and its prefix.',
    reason:
      'Docker refuses any other. It must leave room for the containers: `/8` to `/28`, for IPv6 `/8` to `/112`.',
    cure: 'Write a range such as `172.30.0.0/24` or `fd00:6d61:696c::/64`.',
  },
  'subnet-not-private': {
    rule: 'The mail network has private addresses.',
    reason: 'Containers could not reach the machines that have these addresses on the Internet.',
    cure: 'Take a range from 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or fd00::/8.',
  },
  'tls-incomplete': {
    rule: '`tls` names a certificate and its key.',
    reason: 'Postfix and Dovecot need both files.',
    cure: 'Write `tls: { letsencrypt: NAME }`, or `tls: { certificate: /PATH, key: /PATH }`.',
  },
  'tls-two-forms': {
    rule: '`tls` names a certificate in one way.',
    reason: 'It would be open which of the two is used.',
    cure: 'Keep `letsencrypt`, or `certificate` and `key`.',
  },
  'unknown-domain': {
    rule: 'A domain that is referred to must stand under `domains`.',
    reason: 'Mail to a domain that is not hosted is refused, so its users and aliases would never get any.',
    cure: 'Correct the name, or add the domain.',
  },
} as const satisfies Catalogue;
