// Starts a real Postfix on a rendered configuration, with everything around it, and talks to it.

import { readFileSync } from 'node:fs';
import type { MailSystem } from '../../src/model/mail-system.ts';
import { shellWord } from '../../src/render/escape/shell.ts';
import { printContent } from '../../src/render/secret-marker.ts';
import type { Debian13 } from '../../test/debian/debian13.ts';
import type { LaidFile } from '../../test/debian/enter.ts';
import { opendkim } from '../opendkim/index.ts';
import { postgres } from '../postgres/index.ts';
import { postfix } from './index.ts';

/** A message that has left Postfix. */
interface Delivery {
  /** `mailboxes` (Dovecot), `sink` (other servers) or `smarthost`. */
  readonly to: string;
  readonly sender: string;
  readonly recipients: readonly string[];
  /** With its header, lines ended by a line feed. */
  readonly text: string;
}

export interface RunningPostfix {
  /** Runs a shell script inside and gives its output. */
  readonly shell: (script: string) => Promise<string>;
  /** One dialog of swaks(1), all of whose options stand in `options`; gives the server's replies in order. */
  readonly dialog: (options: string) => Promise<readonly string[]>;
  /** Of such a dialog, the reply that decided: the first refusal, else the one that took the message. */
  readonly answer: (options: string) => Promise<string>;
  /** Such a dialog, which must be accepted, and what came of it. */
  readonly send: (options: string) => Promise<readonly Delivery[]>;
  /** Bytes as they are, `\\r` and `\\n` in them read as in C, sent by `from`; all that the server answers. */
  readonly talk: (from: string, order: 'in-turn' | 'at-once', parts: readonly string[]) => Promise<string>;
  /** Waits until the queue is empty; what was delivered since the last call, sorted. */
  readonly deliveries: () => Promise<readonly Delivery[]>;
  /** Waits until the log has a line that grep -E finds, and gives the last such line. */
  readonly logged: (pattern: string) => Promise<string>;
  readonly stop: () => void;
}

/** What {@link RunningPostfix.answer} gives for a message that was taken. */
export const accepted = '250 2.0.0 Ok: queued';

/** Options of a dialog, by who leads it: another mail server, a container of the mail network, a user. */
export const server = '--server 127.0.0.1 --helo client.origin.net';
export const outside = `${server} --local-interface 203.0.113.7`;
export const neighbour = '--server 172.30.0.99 --helo neighbour --local-interface 172.30.0.99 --port 10025';
export const laptop = '--server 127.0.0.1 --helo laptop --local-interface 198.51.100.9';
const bob = '--auth PLAIN --auth-user bob@example.com --auth-password secret';
export const login = `${laptop} --port 587 --tls ${bob}`;

/** `FOLDER: SENDER > RECIPIENTS` */
export function envelopes(deliveries: readonly Delivery[]): readonly string[] {
  return deliveries.map(({ to, sender, recipients }) => `${to}: ${sender} > ${recipients.join(' ')}`);
}

/** The values that the secrets have. */
const secretValues: Readonly<Record<string, string>> = {
  'database.mail.password': 'database-password',
  'relay.password': 'p$ss: word #1',
  'srs.key': 'srs-key',
};

/** The files of Postfix on mail.example.com, as they lie in its container. */
export function installed(system: MailSystem): Readonly<Record<string, LaidFile>> {
  const files = postfix.render(system).artifacts.map(({ path, mode, content }): [string, LaidFile] => [
    `/etc/mailc/current/${path.split('/').slice(2).join('/')}`,
    {
      mode,
      content: content
        .map((part) => (typeof part === 'string' ? part : (secretValues[part.secret] ?? '')))
        .join(''),
    },
  ]);
  return Object.fromEntries(files);
}

/** Logins are `bob@example.com` and `alice@example.com`, both with the password `secret`. */
export async function startPostfix(debian: Debian13, system: MailSystem): Promise<RunningPostfix> {
  const opendkimFiles = opendkim
    .render(system)
    .artifacts.map(({ path, content }): [string, LaidFile] => [
      `/etc/opendkim/${path.split('/').slice(2).join('/')}`,
      printContent(content).replaceAll('/etc/mailc/current', '/etc/opendkim'),
    ]);
  const sync = postgres.render(system).artifacts.find(({ path }) => path === 'database/sync.sql');
  const child = debian.start(['bash', '/tmp/start.sh'], {
    files: {
      ...installed(system),
      ...Object.fromEntries(opendkimFiles),
      '/tmp/sync.sql': printContent(sync?.content ?? []),
      '/tmp/quota-status.sh': quotaStatus,
      '/tmp/talk.pl': talk,
      '/tmp/milter.pl': milter,
      '/tmp/dovecot.conf': dovecotConfiguration,
      '/tmp/users': 'bob@example.com:{PLAIN}secret\nalice@example.com:{PLAIN}secret\n',
      '/tmp/start.sh': readFileSync(new URL('running-postfix.sh', import.meta.url), 'utf8'),
    },
  });
  let output = '';
  let errors = '';
  let ended = false;
  let wake = () => {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    wake();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  child.once('close', () => {
    ended = true;
    wake();
  });
  const until = async (mark: string): Promise<string> => {
    while (!output.includes(mark)) {
      if (ended) throw new Error(`ended too early\n${output}${errors}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const end = output.indexOf(mark);
    const text = output.slice(0, end);
    output = output.slice(end + mark.length);
    return text;
  };
  const shell = async (script: string): Promise<string> => {
    child.stdin.write(`{ ${script}\n} </dev/null 2>&1; printf '\\1'\n`);
    return until('\u0001');
  };
  await until('ready\n');
  const dialog = async (options: string) => repliesOf(await shell(`swaks --timeout 10 ${options}`));
  const answer = async (options: string) => decisionOf(await dialog(options));
  const deliveries = async () => deliveriesOf(await shell(collect));
  return {
    shell,
    dialog,
    answer,
    send: async (options) => {
      const decision = await answer(options);
      if (decision !== accepted) throw new Error(`refused: ${decision}`);
      return deliveries();
    },
    talk: (from, order, parts) =>
      shell(['perl', '/tmp/talk.pl', from, order, ...parts].map(shellWord).join(' ')),
    deliveries,
    logged: (pattern) =>
      shell(
        `for _ in {1..200}; do grep -E '${pattern}' /tmp/log | tail -1 | grep . && break; sleep 0.1; done`,
      ),
    stop: () => child.kill('SIGKILL'),
  };
}

const dovecotConfiguration = `
dovecot_config_version = 2.4.1
dovecot_storage_version = 2.4.1
protocols =
log_path = /tmp/dovecot.log
ssl = no
auth_mechanisms = plain login
auth_allow_cleartext = yes
auth_failure_delay = 0
passdb passwd-file {
  passwd_file_path = /tmp/users
}
service auth {
  inet_listener sasl {
    port = 12345
  }
}
`;

/** Answers as Dovecot's quota-status does (SMTPD_POLICY_README). */
const quotaStatus = `
action=DUNNO
while IFS= read -r line && [ -n "$line" ]; do
  [ "$line" = recipient=full@example.com ] && action='452 4.2.2 Mailbox is full'
done
printf 'action=%s\\n\\n' "$action"
`;

/**
 * A milter without objections, on stdin and stdout: packets are a length, a command and data. Of what Postfix offers
 * it wants only to be asked at the end of the message.
 */
const milter = `
$| = 1;
while (read(STDIN, my $head, 5) == 5) {
  my ($length, $command) = unpack 'N a', $head;
  read STDIN, my $data, $length - 1 if $length > 1;
  last if $command eq 'Q';
  print pack 'N a N N N', 13, 'O', 6, 0, 0x37F if $command eq 'O';
  print pack 'N a', 1, 'c' if $command eq 'E';
}
`;

const talk = `
use IO::Socket::INET;
alarm 20;
my ($from, $order, @parts) = @ARGV;
my $server = IO::Socket::INET->new(LocalAddr => $from, PeerAddr => '127.0.0.1', PeerPort => 25) or die;
sub reply { while (my $line = <$server>) { print $line; last if $line =~ /^\\d{3} / } }
reply() if $order eq 'in-turn';
for my $part (@parts) {
  $part =~ s/\\\\r/\\r/g;
  $part =~ s/\\\\n/\\n/g;
  print $server $part;
  reply() if $order eq 'in-turn';
}
while (my $line = <$server>) { print $line }
`;

/** Messages behind a file separator and the folder's name. */
const collect = `
for _ in {1..150}; do
  [ -z "$(postqueue -c /etc/mailc/current -j)" ] && break
  sleep 0.1
done
cd /tmp
for file in {mailboxes,sink,smarthost}/*; do
  [ -f "$file" ] && printf '\\034%s\\n' "\${file%/*}" && cat "$file" && rm "$file"
done
true`;

function deliveriesOf(output: string): readonly Delivery[] {
  return output
    .split('\u001c')
    .slice(1)
    .map((text) => {
      const [to = '', ...lines] = text.split('\n');
      const envelope = (name: string) =>
        lines.filter((line) => line.startsWith(`${name}: `)).map((line) => /<([^>]*)>/.exec(line)?.[1] ?? '');
      return {
        to,
        sender: envelope('X-Mail-Args')[0] ?? '',
        recipients: envelope('X-Rcpt-Args'),
        // smtp-sink's own lines end with its Received:, which has two more.
        text: lines.slice(lines.findIndex((line) => line.startsWith('Received: ')) + 3).join('\n'),
      };
    })
    .sort((a, b) => (a.to + a.recipients < b.to + b.recipients ? -1 : 1));
}

function repliesOf(output: string): readonly string[] {
  return output
    .split('\n')
    .map((line) => /^<[-~*]{1,2}\*? +(.*)$/.exec(line)?.[1])
    .filter((line) => line !== undefined);
}

function decisionOf(replies: readonly string[]): string {
  const decision = replies.find((reply) => /^[45]/.test(reply)) ?? replies.at(-2) ?? 'no answer';
  return decision.replace(/queued as \w+/, 'queued');
}
