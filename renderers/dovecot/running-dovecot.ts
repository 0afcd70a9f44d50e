// Starts a real Dovecot on a rendered configuration, with PostgreSQL behind it, and talks to it.

import { readFileSync } from 'node:fs';
import type { MailSystem } from '../../src/model/mail-system.ts';
import { shellWord } from '../../src/render/escape/shell.ts';
import { printContent } from '../../src/render/secret-marker.ts';
import type { Debian13 } from '../../test/debian/debian13.ts';
import { innerShell } from '../../test/debian/inner-shell.ts';
import { laidArtifacts } from '../../test/support/laid-artifacts.ts';
import { postgres } from '../postgres/index.ts';
import { dovecot } from './index.ts';

export interface RunningDovecot {
  /** Runs a shell script beside the container and gives its output; `in_container` runs a command in it. */
  readonly shell: (script: string) => Promise<string>;
  /**
   * Connects to a port from elsewhere, each time from another address (who failed there must wait), over TLS where that is what the port speaks; sends each line when the one
   * before is answered, and gives all answers. A line of IMAP has the tag `t`.
   */
  readonly talk: (port: number, lines: readonly string[]) => Promise<string>;
  /** An IMAP session on 993: logs in, then talks. */
  readonly imap: (user: string, lines: readonly string[]) => Promise<string>;
  /** Stores a script over ManageSieve and makes it the active one; gives the answers. */
  readonly putScript: (user: string, script: string) => Promise<string>;
  /** Delivers by LMTP; `data` as swaks(1) takes it. Gives the last reply. */
  readonly deliver: (recipient: string, data: string) => Promise<string>;
  /** Asks as Postfix asks about quotas (SMTPD_POLICY_README); gives the action. */
  readonly policy: (recipient: string, size?: number) => Promise<string>;
  /** Authenticates as Postfix does; gives the reply. */
  readonly authenticate: (user: string, password: string) => Promise<string>;
  /** What left through Postfix since the last call: envelope recipients and text. */
  readonly sent: () => Promise<readonly { readonly to: string; readonly text: string }[]>;
  readonly stop: () => void;
}

/** The hash of `secret`. */
export const secretHash =
  '{SHA512-CRYPT}$6$saltsaltsalt$PMWE8DTlam1JU37Piyk43bHcMxTJq6sgu5DKB0/tGPjanN35jcY68QkpDfPFUGPWX5uCxIQkSPzMmqEiVNgts.';

/** On its way: Dovecot's settings and their variables, Lua, and a connection string. */
const databasePassword = `a %{user} $HOME 'b' "c" \\d # ]]`;

export async function startDovecot(debian: Debian13, system: MailSystem): Promise<RunningDovecot> {
  const { artifacts, containers } = dovecot.render(system);
  const container = containers[0];
  const sync = postgres.render(system).artifacts.find(({ path }) => path === 'database/sync.sql');
  const entrypoint = readFileSync(new URL('../../images/dovecot/entrypoint', import.meta.url));
  const start = readFileSync(new URL('running-dovecot.sh', import.meta.url), 'utf8');
  const inner = await innerShell(debian, start, {
    files: {
      ...laidArtifacts(artifacts, 'dovecot', { 'database.mail.password': databasePassword }),
      '/usr/local/bin/entrypoint': { content: entrypoint, mode: 0o755 },
      '/tmp/sync.sql': printContent(sync?.content ?? []),
      '/tmp/talk.pl': talk,
    },
    env: {
      DATABASE_PASSWORD: databasePassword,
      COMMAND: container?.command.join(' ') ?? '',
      TMPFS: container?.tmpfs.join(' ') ?? '',
      CAPABILITIES: container?.capabilities.map((name) => `,+${name.toLowerCase()}`).join('') ?? '',
    },
  });
  let clients = 0;
  const nextClient = () => `198.51.100.${(++clients % 250) + 1}`;
  const talkTo = (port: number, lines: readonly string[], client = nextClient()) =>
    inner.run(['perl', '/tmp/talk.pl', client, String(port), ...lines].map(shellWord).join(' '));
  return {
    shell: inner.run,
    talk: talkTo,
    imap: (user, lines) => talkTo(993, [`t LOGIN "${user}" secret`, ...lines, 't LOGOUT']),
    putScript: (user, script) =>
      talkTo(4190, [
        'STARTTLS',
        `AUTHENTICATE "PLAIN" "${plain(user, 'secret')}"`,
        `PUTSCRIPT "main" {${script.length}+}<CRLF>${script}`,
        'SETACTIVE "main"',
        'LOGOUT',
      ]),
    deliver: async (recipient, data) => {
      const options = ['--from', 'ann@elsewhere.org', '--to', recipient, '--data', data].map(shellWord);
      const output = await inner.run(
        // Longer than Dovecot waits for the database.
        `swaks --timeout 30s --protocol LMTP --server 127.0.0.1:24 --helo postfix ${options.join(' ')}`,
      );
      const replies = [...output.matchAll(/^<[-~*]{1,2}\*? +(.*)$/gm)].map(([, reply]) => reply ?? '');
      return replies.findLast((reply) => !reply.startsWith('221')) ?? output;
    },
    policy: async (recipient, size = 1000) => {
      const lines = [
        'request=smtpd_access_policy',
        'protocol_state=RCPT',
        `recipient=${recipient}`,
        `size=${size}`,
      ];
      const request = [...lines, ''].map(shellWord).join(' ');
      const output = await inner.run(`printf '%s\\n' ${request} | busybox nc -w 5 127.0.0.1 12340`);
      return output.trim();
    },
    authenticate: async (user, password) => {
      const client = nextClient();
      const parameters = [
        'PLAIN',
        'service=smtp',
        'secured',
        `rip=${client}`,
        `resp=${plain(user, password)}`,
      ];
      const request = ['AUTH', '1', ...parameters].join('<TAB>');
      const output = await talkTo(12345, [`VERSION<TAB>1<TAB>2<CRLF>CPID<TAB>99<CRLF>${request}`], client);
      return output.split('\n').findLast((line) => /^(OK|FAIL)\t/.test(line)) ?? output;
    },
    sent: async () => {
      const output = await inner.run(
        'cd /tmp/sent; for file in *; do [ -f "$file" ] && printf "\\034" && cat "$file" && rm "$file"; done',
      );
      return output
        .split('\u001c')
        .slice(1)
        .map((text) => ({ to: /^X-Rcpt-Args: <(.*)>/m.exec(text)?.[1] ?? '', text }));
    },
    stop: inner.stop,
  };
}

/** RFC 4616. */
function plain(user: string, password: string): string {
  return Buffer.from(`\0${user}\0${password}`).toString('base64');
}

/** An answer ends with the line that says how it went, a greeting with `ready`. */
const talk = `
use IO::Socket::INET;
use IO::Socket::SSL;
my ($client, $port, @lines) = @ARGV;
my $server = IO::Socket::INET->new(LocalAddr => $client, PeerAddr => '127.0.0.1', PeerPort => $port) or die;
sub encrypt {
  IO::Socket::SSL->start_SSL($server, SSL_hostname => 'mail.example.com', SSL_verifycn_name => 'mail.example.com',
    SSL_verifycn_scheme => 'default', SSL_ca_file => '/etc/mailc-tls/certificate/chain.pem') or die $SSL_ERROR;
}
sub answer {
  while (my $line = <$server>) {
    print $line;
    last if $line =~ /^(t (OK|NO|BAD)|[+]OK|-ERR|OK|NO|BYE|FAIL)/ || $line =~ / ready[.]\\r$/;
  }
}
encrypt() if $port == 993 || $port == 995;
answer() unless $port == 12345;
for my $line (@lines) {
  $line =~ s/<TAB>/\\t/g;
  $line =~ s/<CRLF>/\\r\\n/g;
  print $server "$line\\r\\n";
  answer();
  if ($line eq 'STARTTLS') { encrypt(); answer() }
}
`;
