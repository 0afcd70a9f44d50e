// What happens to mail in a real Postfix 3.10 on a rendered configuration.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeReal } from '../../test/debian/debian13.ts';
import { aMailSystem } from '../../test/support/a-mail-system.ts';
import { type Delivery, type RunningPostfix, startPostfix } from './running-postfix.ts';

const system = aMailSystem({
  hosts: [{ name: 'mail.example.com', tls: { certificate: '/srv/tls/chain.pem', key: '/srv/tls/key.pem' } }],
  domains: [
    'example.com',
    { name: 'example.net', aliasOf: 'example.com' },
    { name: 'everything.example', catchAll: ['bob@example.com'] },
  ],
  users: [
    'alice@example.com',
    { address: 'bob@example.com', sendAs: ['sales@example.com'] },
    { address: 'carol@example.com', enabled: false },
    'dave@everything.example',
    'full@example.com',
  ],
  aliases: {
    'sales@example.com': ['alice@example.com', 'bob@example.com'],
    'smith@example.com': ['bob@example.com'],
    'former@example.com': ['carol@example.com'],
    'staff@example.com': ['bob@example.com', 'carol@example.com'],
    'partner@example.com': ['partner@elsewhere.org'],
    'team@example.com': ['alice@example.com', 'bob@example.com', 'partner@example.com', 'smith@example.com'],
    'gone@example.com': ['gone@refusing.org'],
  },
  mail: {
    disabledUsers: 'refuse',
    messageSize: 20_000,
    postmaster: { localpart: 'alice', domain: 'example.com' },
    // Its catch-all must not get what looks like a rewritten address.
    srsDomain: 'everything.example',
  },
  postscreen: { greetWait: 1, dnsbl: [{ domain: 'blocked.example', reply: '127.0.0.2', weight: 3 }] },
});

const server = '--server 127.0.0.1 --helo client.origin.net';
const outside = `${server} --local-interface 203.0.113.7`;
const neighbour = '--server 172.30.0.99 --helo neighbour --local-interface 172.30.0.99 --port 10025';
const laptop = '--server 127.0.0.1 --helo laptop --local-interface 198.51.100.9';
const login = `${laptop} --port 587 --tls --auth PLAIN --auth-user bob@example.com --auth-password secret`;

describeReal('a running Postfix', (debian) => {
  let postfix: RunningPostfix;
  beforeAll(async () => {
    postfix = await startPostfix(debian, system);
  });
  afterAll(() => postfix?.stop());

  /** The reply that decided: the first refusal, else the one that took the message. */
  const answer = async (options: string): Promise<string> => {
    const replies = await postfix.dialog(options);
    const decided = replies.find((reply) => /^[45]/.test(reply)) ?? replies.at(-2) ?? 'no answer';
    return decided.replace(/queued as \w+/, 'queued');
  };
  const accepted = '250 2.0.0 Ok: queued';
  const send = async (options: string): Promise<readonly Delivery[]> => {
    expect(await answer(options)).toBe(accepted);
    return postfix.deliveries();
  };
  const envelopes = (deliveries: readonly Delivery[]) =>
    deliveries.map(({ to, sender, recipients }) => `${to}: ${sender} > ${recipients.join(' ')}`);

  describe('on port 25', () => {
    it('offers neither a login nor what mailboxes cannot take', async () => {
      const replies = await postfix.dialog(`${outside} --quit-after EHLO`);
      expect(replies.slice(2, -1)).toEqual([
        '250-mail.example.com',
        '250-PIPELINING',
        '250-SIZE 20000',
        '250-STARTTLS',
        '250-ENHANCEDSTATUSCODES',
        '250 8BITMIME',
      ]);
    });

    it.each([
      ['bob@example.com', 'bob@example.com'],
      ['Bob@Example.COM', 'bob@example.com'],
      ['bob+news@example.com', 'bob+news@example.com'],
      ['bob@example.net', 'bob@example.com'],
      ['smith+news@example.net', 'bob+news@example.com'],
      ['anyone@everything.example', 'bob@example.com'],
      ['dave@everything.example', 'dave@everything.example'],
      ['postmaster', 'alice@example.com'],
      ['postmaster@example.net', 'alice@example.com'],
      ['root@mail.example.com', 'alice@example.com'],
    ])('delivers %s to the mailbox of %s, with the sender as it was', async (recipient, mailbox) => {
      const deliveries = await send(`${outside} --from a@origin.net --to ${recipient}`);
      expect(envelopes(deliveries)).toEqual([`mailboxes: a@origin.net > ${mailbox}`]);
    });

    it('delivers to each destination of an alias once, and says which address was written to', async () => {
      const deliveries = await send(`${outside} --from a@origin.net --to team@example.com`);
      expect(envelopes(deliveries)).toEqual([
        'mailboxes: a@origin.net > alice@example.com',
        'mailboxes: a@origin.net > bob@example.com',
        expect.stringMatching(/^sink: SRS0=.*=origin\.net=a@everything\.example > partner@elsewhere\.org$/),
      ]);
      expect(deliveries[1]?.text).toMatch(/^X-Original-To: team@example\.com$/m);
    });

    it.each([
      ['nobody@example.com', /^550 5\.1\.1 .*User unknown/],
      ['nobody@example.net', /^550 5\.1\.1 .*User unknown/],
      ['nobody@mail.example.com', /^550 5\.1\.1 .*User unknown/],
      ['carol@example.com', /^550 5\.2\.1 .*disabled/],
      ['carol@example.net', /^550 5\.2\.1 .*disabled/],
      ['former@example.com', /^550 5\.2\.1 .*disabled/],
      ['full@example.com', /^452 4\.2\.2 .*full/],
    ])('refuses %s before the message is sent', async (recipient, reason) => {
      expect(await answer(`${outside} --from a@origin.net --to ${recipient}`)).toMatch(reason);
    });

    it('takes mail to an alias of which only one destination is disabled', async () => {
      const deliveries = await send(`${outside} --from a@origin.net --to staff@example.com`);
      expect(deliveries.flatMap(({ recipients }) => recipients)).toEqual([
        'bob@example.com',
        'carol@example.com',
      ]);
    });

    it.each([
      'x@elsewhere.org',
      'x%elsewhere.org@example.com',
      'elsewhere.org!x@example.com',
      '@example.com:x@elsewhere.org',
      '\'"x@elsewhere.org"@example.com\'',
      'x@elsewhere.org@example.com',
      'bob@[127.0.0.1]',
      'root@localhost',
      'x@sub.example.com',
    ])('does not relay to %s', async (recipient) => {
      expect(await answer(`${outside} --from a@origin.net --to ${recipient}`)).toMatch(/^5/);
    });

    it.each(['bob@example.com', 'nobody@example.com', 'x@example.net'])(
      'takes nothing that claims to be from %s, whose users log in',
      async (sender) => {
        expect(await answer(`${outside} --from ${sender} --to bob@example.com`)).toBe(
          '550 5.7.1 <' +
            sender +
            '>: Sender address rejected: Mail from this domain must be submitted with a login',
        );
      },
    );

    it('does not take the subdomain of a hosted domain for the domain', async () => {
      expect(await answer(`${outside} --from x@sub.example.com --to bob@example.com`)).toMatch(
        /^450 4\.1\.8 .*Domain not found/,
      );
    });

    it('refuses a message over the size limit, and loses none that is just under it', async () => {
      const message = (octets: number) =>
        `${outside} --from a@origin.net --to partner@example.com --body "$(printf '%${octets}s' | fold -w 70)"`;
      let octets = 18_600;
      expect(await answer(message(octets))).toMatch(/^552 5\.3\.4/);
      // On its way it gets more header lines than these steps are wide.
      while (octets > 15_000 && (await answer(message(octets))) !== accepted) octets -= 100;
      const deliveries = await postfix.deliveries();
      expect(deliveries.map(({ recipients }) => recipients)).toEqual([['partner@elsewhere.org']]);
    });

    it('answers VRFY with nothing', async () => {
      const output = await postfix.talk('203.0.113.7', 'in-turn', [
        'EHLO client.origin.net\\r\\n',
        'VRFY bob@example.com\\r\\n',
        'QUIT\\r\\n',
      ]);
      expect(output).toContain('502 5.5.1 VRFY command is disabled');
    });

    it.each(['\\n.\\n', '\\n.\\r\\n', '\\r\\n.\\n', '\\r.\\r', '\\r\\n.\\r'])(
      'sees one message where %j pretends to end it',
      async (end) => {
        await postfix.talk('203.0.113.7', 'in-turn', [
          'EHLO client.origin.net\\r\\n',
          'MAIL FROM:<a@origin.net>\\r\\n',
          'RCPT TO:<bob@example.com>\\r\\n',
          'DATA\\r\\n',
          `one${end}MAIL FROM:<a@origin.net>\\r\\nRCPT TO:<alice@example.com>\\r\\nDATA\\r\\ntwo\\r\\n.\\r\\n`,
          'QUIT\\r\\n',
        ]);
        const deliveries = await postfix.deliveries();
        expect(deliveries.map(({ recipients }) => recipients)).toEqual([['bob@example.com']]);
      },
    );

    it('refuses clients of a block list, and those that talk before the greeting', async () => {
      const listed = `${server} --local-interface 203.0.113.66 --from a@origin.net --to bob@example.com`;
      expect(await answer(listed)).toMatch(/^550 5\.7\.1 .*blocked using blocked\.example/);
      const early = await postfix.talk('203.0.113.8', 'at-once', [
        'EHLO client.origin.net\\r\\nMAIL FROM:<a@origin.net>\\r\\nRCPT TO:<bob@example.com>\\r\\nQUIT\\r\\n',
      ]);
      expect(early).toMatch(/^550 5\.5\.1 Protocol error/m);
    });
  });

  describe('forwarding', () => {
    let rewritten: string;

    it('rewrites the sender, and turns a bounce back to the one who sent', async () => {
      const [forwarded] = await send(`${outside} --from 'A.B+c@origin.net' --to partner@example.com`);
      rewritten = forwarded?.sender ?? '';
      expect(rewritten).toMatch(/^SRS0=[^=]+=[^=]+=origin\.net=A\.B\+c@everything\.example$/);

      const bounced = await send(`${outside} --from '<>' --to '${rewritten}'`);
      expect(envelopes(bounced)).toEqual(['sink:  > A.B+c@origin.net']);
    });

    it('refuses a rewritten address that it did not make, catch-all or not', async () => {
      const forged = rewritten.replace(/^SRS0=..../, 'SRS0=AAAA');
      expect(await answer(`${outside} --from '<>' --to '${forged}'`)).toMatch(/^550 5\.1\.1 .*not valid/);
      expect(
        await answer(`${outside} --from '<>' --to '${rewritten.replace('origin.net', 'victim.org')}'`),
      ).toMatch(/^550 5\.1\.1 .*not valid/);
    });

    it('keeps no sender as no sender', async () => {
      const deliveries = await send(`${outside} --from '<>' --to partner@example.com`);
      expect(envelopes(deliveries)).toEqual(['sink:  > partner@elsewhere.org']);
    });

    it('rewrites what another forwarder has rewritten, without growing for ever', async () => {
      const deliveries = await send(
        `${outside} --from SRS0=abcd=JL=victim.org=x@origin.net --to partner@example.com`,
      );
      expect(deliveries[0]?.sender).toMatch(
        /^SRS1=[^=]+=origin\.net==abcd=JL=victim\.org=x@everything\.example$/,
      );
    });

    it('tells the sender when the other server refuses', async () => {
      const deliveries = await send(`${outside} --from a@origin.net --to gone@example.com`);
      expect(envelopes(deliveries)).toEqual(['sink:  > a@origin.net']);
      expect(deliveries[0]?.text).toContain('Subject: Undelivered Mail Returned to Sender');
    });

    it('leaves the sender of a hosted domain alone', async () => {
      const deliveries = await send(`${login} --from bob@example.com --to partner@example.com`);
      expect(envelopes(deliveries)).toEqual(['sink: bob@example.com > partner@elsewhere.org']);
    });
  });

  describe('on the port for Amavis and Sieve', () => {
    it('takes mail for hosted domains from a neighbour, and relays for none', async () => {
      const hosted = await send(`${neighbour} --from a@origin.net --to smith@example.com`);
      expect(envelopes(hosted)).toEqual(['mailboxes: a@origin.net > bob@example.com']);
      expect(await answer(`${neighbour} --from bob@example.com --to x@elsewhere.org`)).toMatch(
        /^554 5\.7\.1 .*Relay/,
      );
    });

    it('turns away who is not in the mail network', async () => {
      expect(await answer(`${outside} --port 10025 --from a@origin.net --to bob@example.com`)).toMatch(
        /^554 5\.7\.1 .*Client host rejected/,
      );
    });

    it("sends on what Dovecot's container sends, whatever its address", async () => {
      const redirect = '--server 127.0.0.1 --helo dovecot --local-interface 127.0.0.21 --port 10025';
      const deliveries = await send(`${redirect} --from a@origin.net --to x@elsewhere.org`);
      expect(envelopes(deliveries)).toEqual([
        expect.stringMatching(/^sink: SRS0=.*=origin\.net=a@everything\.example > x@elsewhere\.org$/),
      ]);
    });

    it('opens the second pass to nobody outside the container', async () => {
      const replies = await postfix.dialog(
        '--server 172.30.0.99 --port 10027 --from a@origin.net --to x@elsewhere.org',
      );
      expect(replies).toEqual([]);
    });
  });

  describe('on the submission ports', () => {
    it('offers a login under TLS only', async () => {
      const plain = await postfix.dialog(`${laptop} --port 587 --quit-after EHLO`);
      expect(plain.join()).not.toContain('AUTH');
      const encrypted = await postfix.dialog(`${laptop} --port 465 --tlsc --quit-after EHLO`);
      expect(encrypted.join()).toContain('AUTH PLAIN LOGIN');
      expect(await answer(`${laptop} --port 587 --from bob@example.com --to bob@example.com`)).toMatch(
        /^530 5\.7\.0/,
      );
    });

    it.each(['--port 587 --tls', '--port 465 --tlsc'])(
      'wants a login, with the right password (%s)',
      async (port) => {
        const mail = `${laptop} ${port} --from bob@example.com --to x@elsewhere.org`;
        expect(await answer(mail)).toBe(
          '530 5.7.0 <unknown[198.51.100.9]>: Client host rejected: Authentication required',
        );
        const wrong = '--auth PLAIN --auth-user bob@example.com --auth-password wrong';
        expect(await answer(`${mail} ${wrong}`)).toMatch(/^535 5\.7\.8/);
        const right = '--auth PLAIN --auth-user bob@example.com --auth-password secret';
        expect(envelopes(await send(`${mail} ${right}`))).toEqual([
          'sink: bob@example.com > x@elsewhere.org',
        ]);
      },
    );

    it.each([
      'bob@example.com',
      'bob+news@example.net',
      'smith@example.com',
      'sales@example.com',
      'sales@example.net',
    ])('lets bob send as %s', async (sender) => {
      const deliveries = await send(`${login} --from ${sender} --to alice@example.com`);
      expect(envelopes(deliveries)).toEqual([`mailboxes: ${sender} > alice@example.com`]);
    });

    it.each([
      'alice@example.com',
      'team@example.com',
      'nobody@example.com',
      'x@elsewhere.org',
      'root@mail.example.com',
    ])('does not let bob send as %s', async (sender) => {
      expect(await answer(`${login} --from ${sender} --to alice@example.com`)).toMatch(
        /^553 5\.7\.1 .*not owned by user bob@example\.com/,
      );
    });

    it('refuses at once what would bounce', async () => {
      expect(await answer(`${login} --from bob@example.com --to nobody@example.com`)).toMatch(/^550 5\.1\.1/);
      expect(await answer(`${login} --from bob@example.com --to carol@example.com`)).toMatch(/^550 5\.2\.1/);
    });

    it("signs, and tells nobody the user's address and program", async () => {
      const traces = `--header 'X-Originating-IP: 198.51.100.9' --header 'User-Agent: Mail 1.0' --h-From 'Bob <Bob@EXAMPLE.com>'`;
      const [delivery] = await send(`${login} --from bob@example.com --to x@elsewhere.org ${traces}`);
      const text = delivery?.text ?? '';
      expect(text).not.toMatch(/198\.51\.100\.9|laptop|User-Agent|X-Mailer/);
      expect(await verified(text)).toBe('pass d=example.com');
    });

    it('signs for an alias domain in its own name', async () => {
      const [delivery] = await send(`${login} --from bob@example.net --to x@elsewhere.org`);
      expect(await verified(delivery?.text ?? '')).toBe('pass d=example.net');
    });

    it('does not sign for a domain of others', async () => {
      const [delivery] = await send(
        `${login} --from bob@example.com --to x@elsewhere.org --h-From x@origin.net`,
      );
      expect(delivery?.text).not.toContain('DKIM-Signature');
    });

    it('slows down who guesses passwords, and nobody else', async () => {
      const guesses = `
        for (1..4) {
          my $server = IO::Socket::SSL->new(PeerAddr => "127.0.0.1:465", LocalAddr => "203.0.113.8", SSL_verify_mode => 0);
          for ("", "EHLO x\\r\\n", ("AUTH PLAIN AGJvYgB3cm9uZw==\\r\\n") x 9) {
            print $server $_;
            while (my $line = <$server>) { print $line; last if $line =~ /^\\d+ / }
          }
        }`;
      const output = await postfix.shell(`perl -MIO::Socket::SSL -e '${guesses}'`);
      expect(output).toContain('450 4.7.1 Error: too many AUTH commands from 203.0.113.8');
      expect(await answer(`${login} --from bob@example.com --to bob@example.com`)).toBe(accepted);
      await postfix.deliveries();
    }, 60_000);

    const verified = (text: string): Promise<string> => {
      const program = `
        my $dkim = Mail::DKIM::Verifier->new;
        while (<STDIN>) { s/\\r?\\n$//; $dkim->PRINT("$_\\015\\012") }
        $dkim->CLOSE;
        print $dkim->result . " d=" . $dkim->signature->domain;`;
      return postfix.shell(
        `base64 -d <<<'${Buffer.from(text).toString('base64')}' | perl -MMail::DKIM::Verifier -e '${program}'`,
      );
    };
  });

  it('has had nothing to complain about', async () => {
    const complaints = await postfix.shell(`grep -E '(warning|error|fatal|panic): ' /tmp/log`);
    const unexpected = complaints
      .split('\n')
      .filter(
        (line) =>
          line !== '' &&
          !/SASL PLAIN auth|AUTH command rate limit|queue file size limit|mail_stream_cleanup/.test(line),
      );
    expect(unexpected).toEqual([]);
  });

  describe('when something is away', () => {
    it('keeps mail while Dovecot has no name', async () => {
      await postfix.shell(`sed -i.kept /dovecot/d /etc/hosts; cp /etc/hosts /tmp/h; cat /tmp/h > /etc/hosts`);
      expect(await answer(`${neighbour} --from a@origin.net --to alice@example.com`)).toBe(accepted);
      expect(await postfix.logged('to=<alice@example.com>.*dsn=[45].4.4')).toMatch(
        /dsn=4\.4\.4, status=deferred/,
      );
      await postfix.shell(`cat /etc/hosts.kept >/etc/hosts; postqueue -c /etc/mailc/current -f`);
      expect(envelopes(await postfix.deliveries())).toEqual(['mailboxes: a@origin.net > alice@example.com']);
    });

    it('keeps what needs postsrsd while that is down, and delivers the rest', async () => {
      await postfix.shell('busybox killall postsrsd');
      expect(await answer(`${neighbour} --from away@origin.net --to team@example.com`)).toBe(accepted);
      expect(await postfix.logged('to=<partner@elsewhere.org>.*status=deferred')).toContain(
        '[127.0.0.1]:10027',
      );
      await postfix.shell(
        `(set -a; . /etc/mailc/current/postsrsd.env; postsrsd -e -D); postqueue -c /etc/mailc/current -f`,
      );
      expect(envelopes(await postfix.deliveries())).toEqual([
        'mailboxes: away@origin.net > alice@example.com',
        'mailboxes: away@origin.net > bob@example.com',
        expect.stringMatching(
          /^sink: SRS0=.*=origin\.net=away@everything\.example > partner@elsewhere\.org$/,
        ),
      ]);
    });

    it('sends nothing unsigned while OpenDKIM is down', async () => {
      await postfix.shell('busybox killall opendkim');
      expect(await answer(`${login} --from bob@example.com --to x@elsewhere.org`)).toMatch(/^45/);
    });

    it('asks to try again while the database is down, and forgets it soon', async () => {
      const database =
        'setpriv --reuid=postgres --regid=postgres --init-groups /usr/lib/postgresql/17/bin/pg_ctl -D /tmp/database -w';
      await postfix.shell(`${database} -m fast stop`);
      expect(await answer(`${outside} --from a@origin.net --to alice@example.com`)).toMatch(/^451 4\.3\.0/);
      await postfix.shell(`${database} -o '-c listen_addresses=127.0.0.24' start; sleep 6`);
      expect(await answer(`${outside} --from a@origin.net --to dave@everything.example`)).toBe(accepted);
    });
  });
});

describeReal('a running Postfix with a smarthost', (debian) => {
  let postfix: RunningPostfix;
  beforeAll(async () => {
    postfix = await startPostfix(
      debian,
      aMailSystem({
        aliases: { 'partner@example.com': ['partner@elsewhere.org'] },
        relay: { host: 'smtp.provider.example', username: 'mail.example.com' },
      }),
    );
  });
  afterAll(() => postfix?.stop());

  it.each([
    ['with its sender', 'bob@example.com', 'bob@example.com'],
    ['with a rewritten sender', 'a@origin.net', 'SRS0=.*=origin.net=a@example.com'],
  ])('sends mail %s there and nowhere else, and waits when it offers no TLS', async (_, from, sender) => {
    await postfix.dialog(`${neighbour} --from ${from} --to partner@example.com`);
    const line = await postfix.logged('to=<partner@elsewhere.org>.*status=deferred');
    expect(line).toContain('TLS is required, but was not offered by host smtp.provider.example');
    expect(await postfix.shell('grep -c elsewhere.org /tmp/resolver')).toBe('0\n');
    const id = /: (\w+): to=/.exec(line)?.[1];
    expect(await postfix.logged(`${id}: from=`)).toMatch(new RegExp(`from=<${sender}>`));
    await postfix.shell('postsuper -c /etc/mailc/current -d ALL; : >/tmp/log');
  });
});
