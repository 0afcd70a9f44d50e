// What a real Postfix 3.10, on a rendered configuration, lets users do.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeReal } from '../../test/debian/debian13.ts';
import { aMailSystem } from '../../test/support/a-mail-system.ts';
import { accepted, envelopes, laptop, login, type RunningPostfix, startPostfix } from './running-postfix.ts';

const system = aMailSystem({
  hosts: [{ name: 'mail.example.com', tls: { certificate: '/srv/tls/chain.pem', key: '/srv/tls/key.pem' } }],
  domains: ['example.com', { name: 'example.net', aliasOf: 'example.com' }],
  users: [
    'alice@example.com',
    { address: 'bob@example.com', sendAs: ['sales@example.com'] },
    { address: 'carol@example.com', enabled: false },
  ],
  aliases: {
    'partner@example.com': ['partner@elsewhere.org'],
    'sales@example.com': ['alice@example.com', 'bob@example.com'],
    'smith@example.com': ['bob@example.com'],
    'team@example.com': ['alice@example.com', 'bob@example.com'],
  },
  mail: { disabledUsers: 'refuse' },
});

describeReal('the submission ports of a running Postfix', (debian) => {
  let postfix: RunningPostfix;
  beforeAll(async () => {
    postfix = await startPostfix(debian, system);
  });
  afterAll(() => postfix?.stop());

  it('offers a login under TLS only', async () => {
    const plain = await postfix.dialog(`${laptop} --port 587 --quit-after EHLO`);
    expect(plain.join()).not.toContain('AUTH');
    const encrypted = await postfix.dialog(`${laptop} --port 465 --tlsc --quit-after EHLO`);
    expect(encrypted.join()).toContain('AUTH PLAIN LOGIN');
    expect(await postfix.answer(`${laptop} --port 587 --from bob@example.com --to bob@example.com`)).toMatch(
      /^530 5\.7\.0/,
    );
  });

  it.each(['--port 587 --tls', '--port 465 --tlsc'])(
    'wants a login, with the right password (%s)',
    async (port) => {
      const mail = `${laptop} ${port} --from bob@example.com --to x@elsewhere.org`;
      expect(await postfix.answer(mail)).toBe(
        '530 5.7.0 <bob@example.com>: Sender address rejected: Authentication required',
      );
      const wrong = '--auth PLAIN --auth-user bob@example.com --auth-password wrong';
      expect(await postfix.answer(`${mail} ${wrong}`)).toMatch(/^535 5\.7\.8/);
      const right = '--auth PLAIN --auth-user bob@example.com --auth-password secret';
      expect(envelopes(await postfix.send(`${mail} ${right}`))).toEqual([
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
    const deliveries = await postfix.send(`${login} --from ${sender} --to alice@example.com`);
    expect(envelopes(deliveries)).toEqual([`mailboxes: ${sender} > alice@example.com`]);
  });

  it.each([
    'alice@example.com',
    'team@example.com',
    'nobody@example.com',
    'x@elsewhere.org',
    'root@mail.example.com',
  ])('does not let bob send as %s', async (sender) => {
    expect(await postfix.answer(`${login} --from ${sender} --to alice@example.com`)).toMatch(
      /^553 5\.7\.1 .*not owned by user bob@example\.com/,
    );
  });

  it('refuses at once what would bounce', async () => {
    expect(await postfix.answer(`${login} --from bob@example.com --to nobody@example.com`)).toMatch(
      /^550 5\.1\.1/,
    );
    expect(await postfix.answer(`${login} --from bob@example.com --to carol@example.com`)).toMatch(
      /^550 5\.2\.1/,
    );
  });

  it("signs, and tells nobody the user's address and program", async () => {
    const traces = `--header 'X-Originating-IP: 198.51.100.9' --header 'User-Agent: Mail 1.0'`;
    const [delivery] = await postfix.send(
      `${login} --from bob@example.com --to x@elsewhere.org --h-From 'Bob <Bob@EXAMPLE.com>' ${traces}`,
    );
    const text = delivery?.text ?? '';
    expect(text).not.toMatch(/198\.51\.100\.9|laptop|User-Agent|X-Mailer/);
    expect(await verified(text)).toBe('pass d=example.com');
  });

  it('signs for an alias domain in its own name', async () => {
    const [delivery] = await postfix.send(`${login} --from bob@example.net --to x@elsewhere.org`);
    expect(await verified(delivery?.text ?? '')).toBe('pass d=example.net');
  });

  it('does not sign for a domain of others', async () => {
    const [delivery] = await postfix.send(
      `${login} --from bob@example.com --to x@elsewhere.org --h-From x@origin.net`,
    );
    expect(delivery?.text).not.toContain('DKIM-Signature');
  });

  it('slows down who guesses passwords, and nobody else', async () => {
    const guesses = `
      for (1..4) {
        my $server = IO::Socket::SSL->new(
          PeerAddr => "127.0.0.1:465", LocalAddr => "203.0.113.8", SSL_verify_mode => 0);
        for ("", "EHLO x\\r\\n", ("AUTH PLAIN AGJvYgB3cm9uZw==\\r\\n") x 9) {
          print $server $_;
          while (my $line = <$server>) { print $line; last if $line =~ /^\\d+ / }
        }
      }`;
    const output = await postfix.shell(`perl -MIO::Socket::SSL -e '${guesses}'`);
    expect(output).toContain('450 4.7.1 Error: too many AUTH commands from 203.0.113.8');
    expect(await postfix.answer(`${login} --from bob@example.com --to bob@example.com`)).toBe(accepted);
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

  it('forwards without rewriting the sender, who is our own', async () => {
    const deliveries = await postfix.send(`${login} --from bob@example.com --to partner@example.com`);
    expect(envelopes(deliveries)).toEqual(['sink: bob@example.com > partner@elsewhere.org']);
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
});
