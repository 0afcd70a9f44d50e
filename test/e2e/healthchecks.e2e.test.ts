// Each healthcheck speaks the protocol of what it asks: in the image, against a listener of the test's own, which
// answers rightly, answers as an HTTP server does, or takes the connection and says nothing.

import { beforeAll, describe, expect, it } from 'vitest';
import type { ServiceName } from '../../src/model/mail-system.ts';
import { docker } from './support/run.ts';
import { describeWorld, type World } from './support/shared.ts';

interface Listener {
  readonly service: ServiceName;
  readonly listener: string;
  readonly port: number;
  /** What the healthcheck is given; the whole command for Postgres, whose image is not ours. */
  readonly words: string;
  /** What the right server says, of all listeners that the healthcheck asks at once; '' where it takes a real one. */
  readonly right: Readonly<Record<number, string>>;
  readonly tls: readonly number[];
}

const negotiated = '\0\0\0\rO\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff';
const postfix = { 25: '220 ready\r\n', 587: '220 ready\r\n' };
const one = (
  service: ServiceName,
  listener: string,
  port: number,
  says: string,
  tls: readonly number[] = [],
): Listener => ({ service, listener, port, words: `${listener}:${port}`, right: { [port]: says }, tls });

const listeners: readonly Listener[] = [
  one('amavis', 'smtp', 10024, '220 ready\r\n'),
  one('clamav', 'clamd', 3310, 'PONG\0'),
  one('clamav', 'milter', 7357, negotiated),
  one('dovecot', 'imap', 143, '* OK ready\r\n'),
  one('dovecot', 'imaps', 993, '* OK ready\r\n', [993]),
  one('dovecot', 'lmtp', 24, '220 ready\r\n'),
  one('dovecot', 'pop3', 110, '+OK ready\r\n'),
  one('dovecot', 'pop3s', 995, '+OK ready\r\n', [995]),
  one('dovecot', 'sieve', 4190, '"IMPLEMENTATION" "ready"\r\nOK\r\n'),
  { ...one('opendkim', 'milter', 8891, negotiated), words: '' },
  // Nobody listens on 465, which is not asked.
  { ...one('postfix', 'smtp', 25, ''), words: '', right: postfix },
  { ...one('postfix', 'submission', 587, ''), words: '', right: postfix },
  one('postgres', 'postgres', 5432, ''),
];

/** A line for each group of listeners in stdin (PORT KIND HEX; an empty line ends a group): healthy, unhealthy, hangs. */
const script = `
exec 2>/dev/null
mkdir -p /etc/mailc/current /var/lib/postgresql/data
printf '%s inet\\n' smtp submission submissions >/etc/mailc/current/master.cf
echo ready >/var/lib/postgresql/data/postmaster.pid
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout /tmp/key -out /tmp/certificate
ports=()
while read -r port kind says; do
  case $kind in
  tcp) perl -MIO::Socket::INET -e '
    my ($port, $says) = @ARGV;
    my $listener = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1:$port", ReuseAddr => 1) or die;
    while (my $client = $listener->accept) {
      if ($says eq "") { push @silent, $client; next }
      next if fork;
      close $listener;
      $client->syswrite(pack("H*", $says));
      while ($client->sysread(my $heard, 1000)) { last if $heard =~ /QUIT|LOGOUT/ }
      exit;
    }
  ' "$port" "$says" & ;;
  tls) perl -MIPC::Open2 -e '
    my ($port, $says) = @ARGV;
    my @server = qw(openssl s_server -cert /tmp/certificate -key /tmp/key -accept);
    my $server = open2(my $out, my $in, @server, "127.0.0.1:$port");
    $SIG{TERM} = sub { kill "KILL", $server; exit };
    $in->syswrite(pack("H*", $says));
    while ($out->sysread(my $heard, 1000)) { last if $says ne "" && $heard =~ /QUIT|LOGOUT/ }
    # Which it takes for the end of the connection.
    close $in;
    1 while $out->sysread(my $rest, 1000);
  ' "$port" "$says" & ;;
  '')
    for port in "\${ports[@]}"; do
      # Not by a connection, which a listener would spend its words on.
      until grep -qi ":$(printf %04X "$port") 00000000:0000 0A" /proc/net/tcp; do sleep 0.02; done
    done
    timeout -s KILL 9 "$@" </dev/null >/dev/null
    case $? in 0) echo healthy ;; 137) echo hangs ;; *) echo unhealthy ;; esac
    kill $(jobs -p)
    wait
    ports=()
    continue
    ;;
  esac
  ports+=("$port")
done
`;

describeWorld('a healthcheck', (start) => {
  let world: World;
  beforeAll(async () => {
    world = await start();
  });

  describe.concurrent('is content with the right protocol and nothing else', () => {
    it.each(listeners)('$service $listener', async ({ service, port, words, right, tls }) => {
      const container = world.containers.find((one) => one.service === service);
      const command = container?.healthcheck.command ?? [];
      const asked = service === 'postgres' ? command : [...command.slice(0, 1), words].filter(Boolean);
      // Where the right server is not imitated, the running one is the proof that there is one.
      const answers = [...(right[port] ? [right[port]] : []), 'HTTP/1.0 400 Bad Request\r\n\r\n', ''];
      const groups = answers.map((says) =>
        Object.entries({ ...right, [port]: says }).map(([number, text]) => {
          const kind = tls.includes(Number(number)) ? 'tls' : 'tcp';
          return `${number} ${kind} ${Buffer.from(text, 'latin1').toString('hex')}\n`;
        }),
      );
      const stdin = groups.map((lines) => `${lines.join('')}\n`).join('');
      const bash = [
        '--entrypoint',
        'bash',
        world.system.images[service],
        '-c',
        script,
        'healthcheck',
        ...asked,
      ];
      const judged = await docker(['run', '--rm', '-i', '--init', '--network', 'none', ...bash], { stdin });
      expect(judged.trim().split('\n')).toEqual(
        answers.map((says) => (says === right[port] && says !== '' ? 'healthy' : 'unhealthy')),
      );
    });
  });

  it.each(['amavis', 'clamav', 'dovecot', 'opendkim', 'postfix', 'postgres'] as const)(
    'is content with the running %s',
    async (service) => {
      const container = world.containers.find((one) => one.service === service);
      const { code, stderr } = await world.exec(service, container?.healthcheck.command ?? []);
      expect(code, stderr).toBe(0);
    },
  );
});
