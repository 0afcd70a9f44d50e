// What the system is measured against: the same Postfix and Dovecot with Debian's settings, and users in local
// files instead of a database; neither postscreen nor a filter, a milter or Sieve.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from '../../e2e/support/certificates.ts';
import type { RunningSystem } from '../../e2e/support/mail-system.ts';
import { docker, eventually, run, tryRun } from '../../e2e/support/run.ts';
import type { Target } from './traffic.ts';

const postfix = 'mailc-bench-postfix';
const dovecot = 'mailc-bench-dovecot';

/** Starts beside a running system, in its network and below its folder, so that both are removed together. */
export async function startPlainSystem(
  beside: RunningSystem,
  domain: string,
  users: readonly string[],
  passwordHash: string,
): Promise<Target> {
  const folder = join(beside.data, '../plain');
  const certificate = await beside.authority.issue('plain.example.com', join(folder, 'tls'));
  for (const name of ['mail', 'queue', 'state']) mkdirSync(join(folder, name), { recursive: true });
  await run(['chown', '500:500', join(folder, 'mail')]);

  const masterCf = await docker([
    ...['run', '--rm', '--entrypoint', 'cat', beside.system.images.postfix],
    '/usr/share/postfix/master.cf.dist',
  ]);
  write(folder, 'postfix/main.cf', mainCf(domain));
  write(folder, 'postfix/master.cf', masterCf);
  write(folder, 'postfix/mailboxes', users.map((user) => `${user}@${domain} 1\n`).join(''));
  write(folder, 'dovecot/dovecot.conf', dovecotConf);
  const accounts = users.map(
    (user) => `${user}@${domain}:{CRYPT}${passwordHash}:500:500::/var/vmail/${domain}/${user}::\n`,
  );
  write(folder, 'dovecot/users', accounts.join(''));

  const start = (name: string, image: string, mounts: readonly string[], command: readonly string[]) =>
    docker([
      // The label and the mounts are how the tests know what is theirs to remove.
      ...['run', '--detach', '--name', name, '--label', 'mailc.host=plain.example.com'],
      ...[
        '--hostname',
        'plain.example.com',
        '--network',
        beside.system.network.name,
        '--dns',
        beside.gateway,
      ],
      ...['--log-driver', 'local'],
      ...mounts.flatMap((mount) => ['--volume', mount]),
      image,
      ...command,
    ]);
  await docker(['rm', '--force', dovecot, postfix]).catch(() => {});
  const tls = tlsMounts(certificate);
  await start(
    dovecot,
    beside.system.images.dovecot,
    [`${folder}/dovecot:/etc/plain:ro`, `${folder}/mail:/var/vmail`, ...tls],
    ['dovecot', '-F', '-c', '/etc/plain/dovecot.conf'],
  );
  await start(
    postfix,
    beside.system.images.postfix,
    [
      `${folder}/postfix:/etc/mailc/current`,
      `${folder}/queue:/var/spool/postfix`,
      `${folder}/state:/var/lib/postfix`,
      ...tls,
    ],
    // The image's entrypoint leaves this form of the command alone.
    ['sh', '-c', 'chown postfix: /var/lib/postfix; exec postfix start-fg'],
  );
  for (const [container, port] of [
    [dovecot, 24],
    [dovecot, 993],
    [postfix, 25],
  ] as const) {
    await eventually(`${container} listens on ${port}`, async () => {
      const listens = `exec 3<>/dev/tcp/127.0.0.1/${port}`;
      return (await tryRun(['docker', 'exec', container, 'bash', '-c', listens])).code === 0;
    });
  }
  return {
    name: "Debian's settings",
    smtp: { host: await beside.addressOf(postfix), port: 25 },
    imap: { host: await beside.addressOf(dovecot), port: 993 },
    tls: { ca: beside.authority.ca, servername: 'plain.example.com' },
    mail: join(folder, 'mail'),
  };
}

function write(folder: string, name: string, text: string): void {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}

function tlsMounts({ certificate, key }: Certificate): readonly string[] {
  return [`${certificate}:/etc/plain-tls/fullchain.pem:ro`, `${key}:/etc/plain-tls/privkey.pem:ro`];
}

/** What Debian's installation writes for an "Internet Site", and a hosted domain. */
function mainCf(domain: string): string {
  return `
compatibility_level = 3.9
smtpd_banner = $myhostname ESMTP $mail_name (Debian)
biff = no
append_dot_mydomain = no
myhostname = plain.example.com
myorigin = $myhostname
mydestination = $myhostname, localhost
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
mailbox_size_limit = 0
recipient_delimiter = +
inet_interfaces = all
inet_protocols = all
smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated defer_unauth_destination
smtpd_tls_security_level = may
smtpd_tls_cert_file = /etc/plain-tls/fullchain.pem
smtpd_tls_key_file = /etc/plain-tls/privkey.pem
smtp_tls_security_level = may
smtp_tls_CApath = /etc/ssl/certs

maillog_file = /dev/stdout
virtual_mailbox_domains = ${domain}
virtual_mailbox_maps = texthash:/etc/mailc/current/mailboxes
virtual_transport = lmtp:inet:${dovecot}:24
`;
}

const dovecotConf = `
dovecot_config_version = 2.4.1
dovecot_storage_version = 2.4.1
protocols = imap lmtp
log_path = /dev/stderr
mail_driver = maildir
mail_path = ~/Maildir
first_valid_uid = 500
ssl_server_cert_file = /etc/plain-tls/fullchain.pem
ssl_server_key_file = /etc/plain-tls/privkey.pem
passdb passwd-file {
  passwd_file_path = /etc/plain/users
}
userdb passwd-file {
  passwd_file_path = /etc/plain/users
}
service lmtp {
  inet_listener lmtp {
    port = 24
  }
}
`;
