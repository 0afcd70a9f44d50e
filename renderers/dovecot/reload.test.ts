// What a real Dovecot 2.4 answers while it is reloaded: a login that is asked at that moment is no wrong password.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeReal } from '../../test/debian/debian13.ts';
import { aMailSystem } from '../../test/support/a-mail-system.ts';
import { type RunningDovecot, secretHash, startDovecot } from './running-dovecot.ts';

const system = aMailSystem({
  hosts: [{ name: 'mail.example.com', tls: { certificate: '/srv/tls/chain.pem', key: '/srv/tls/key.pem' } }],
  domains: ['example.com'],
  users: [{ address: 'bob@example.com', passwordHash: secretHash }],
});

/** Logs in as Postfix does, on a connection of its own each time, until /tmp/enough is there; prints each answer's first word. */
const logins = `
use IO::Socket::INET;
my $number = shift;
for (my $try = 0; !-e '/tmp/enough'; $try++) {
  my $from = "198.51.100." . (1 + ($number * 60 + $try) % 250);
  my $server = IO::Socket::INET->new(LocalAddr => $from, PeerAddr => '127.0.0.1', PeerPort => 12345);
  if (!$server) { print "refused\\n"; next }
  print $server join("\\t", 'VERSION', 1, 2) . "\\n" . join("\\t", 'CPID', $$) . "\\n";
  print $server join("\\t", 'AUTH', 1, 'PLAIN', 'service=smtp', 'secured', "rip=$from", 'resp=AGJvYkBleGFtcGxlLmNvbQBzZWNyZXQ=') . "\\n";
  my $answer = 'closed';
  while (my $line = <$server>) { if ($line =~ /^(OK|FAIL)\\t/) { $answer = $1; last } }
  print "$answer\\n";
}
`;

describeReal('Dovecot that is reloaded', (debian) => {
  let dovecot: RunningDovecot;
  beforeAll(async () => {
    dovecot = await startDovecot(debian, system);
  });
  afterAll(() => dovecot?.stop());

  it('tells no one who logs in meanwhile that the password is wrong', async () => {
    const answers = await dovecot.shell(`
      cat >/tmp/logins.pl <<'PERL'\n${logins}\nPERL
      clients=
      for number in 1 2 3 4 5 6 7 8; do perl /tmp/logins.pl $number >/tmp/answers.$number 2>&1 & clients="$clients $!"; done
      for time in $(seq 20); do
        in_container doveadm -c /etc/mailc/current/dovecot.conf reload
        sleep 0.3
      done
      touch /tmp/enough
      wait $clients
      sort /tmp/answers.* | uniq -c`);
    expect(answers).toMatch(/^ *[0-9]{3,} OK\n$/);
    // Else this has shown nothing.
    expect(Number(await dovecot.shell("grep -c 'Aborted PASSV request' /tmp/log"))).toBeGreaterThan(0);
  });
});
