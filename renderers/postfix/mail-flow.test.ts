// What a real Postfix 3.10, on a rendered configuration, does with mail from servers and containers.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeReal } from '../../test/debian/debian13.ts';
import { aMailSystem } from '../../test/support/a-mail-system.ts';
import {
  accepted,
  envelopes,
  neighbour,
  outside,
  type RunningPostfix,
  server,
  startPostfix,
} from './running-postfix.ts';

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
    { address: 'full@example.com', quota: 1_000_000 },
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

describeReal('a running Postfix', (debian) => {
  let postfix: RunningPostfix;
  beforeAll(async () => {
    postfix = await startPostfix(debian, system);
  });
  afterAll(() => postfix?.stop());

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
      const deliveries = await postfix.send(`${outside} --from a@origin.net --to ${recipient}`);
      expect(envelopes(deliveries)).toEqual([`mailboxes: a@origin.net > ${mailbox}`]);
    });

    it('delivers to each destination of an alias once, and says which address was written to', async () => {
      const deliveries = await postfix.send(`${outside} --from a@origin.net --to team@example.com`);
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
      expect(await postfix.answer(`${outside} --from a@origin.net --to ${recipient}`)).toMatch(reason);
    });

    it('takes mail to an alias of which only one destination is disabled', async () => {
      const deliveries = await postfix.send(`${outside} --from a@origin.net --to staff@example.com`);
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
      expect(await postfix.answer(`${outside} --from a@origin.net --to ${recipient}`)).toMatch(/^5/);
    });

    it.each(['bob@example.com', 'nobody@example.com', 'x@example.net'])(
      'takes nothing that claims to be from %s, whose users log in',
      async (sender) => {
        expect(await postfix.answer(`${outside} --from ${sender} --to bob@example.com`)).toBe(
          `550 5.7.1 <${sender}>: Sender address rejected: Log in to send from this domain`,
        );
      },
    );

    it('does not take the subdomain of a hosted domain for the domain', async () => {
      expect(await postfix.answer(`${outside} --from x@sub.example.com --to bob@example.com`)).toMatch(
        /^450 4\.1\.8 .*Domain not found/,
      );
    });

    it('refuses a message over the size limit, and loses none that is just under it', async () => {
      const message = (octets: number) =>
        `${outside} --from a@origin.net --to partner@example.com --body "$(printf '%${octets}s' | fold)"`;
      let octets = 19_600;
      expect(await postfix.answer(message(octets))).toMatch(/^552 5\.3\.4/);
      // On its way it gets more header lines than these steps are wide.
      while (octets > 15_000 && (await postfix.answer(message(octets))) !== accepted) octets -= 100;
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

    const lineEnds = ['\\r\\n', '\\n', '\\r'];
    const ends = lineEnds.flatMap((before) => lineEnds.map((after) => `${before}.${after}`));
    it.each(ends.slice(1))('sees one message where %j pretends to end it', async (end) => {
      const smuggled = 'MAIL FROM:<boss@origin.net>\\r\\nRCPT TO:<alice@example.com>\\r\\nDATA\\r\\ntwo';
      const output = await postfix.talk('203.0.113.7', 'in-turn', [
        'EHLO client.origin.net\\r\\n',
        'MAIL FROM:<a@origin.net>\\r\\n',
        'RCPT TO:<bob@example.com>\\r\\n',
        'DATA\\r\\n',
        `one${end}${smuggled}\\r\\n.\\r\\n`,
        'QUIT\\r\\n',
      ]);
      // To the greeting, EHLO, MAIL, RCPT, DATA, its end, QUIT.
      expect(output.match(/^\d{3}(?= )/gm)).toEqual(['220', '250', '250', '250', '354', '250', '221']);
      const deliveries = await postfix.deliveries();
      expect(envelopes(deliveries)).toEqual(['mailboxes: a@origin.net > bob@example.com']);
      expect(deliveries[0]?.text).toMatch(/^one.*MAIL FROM:<boss@origin\.net>\n.*two\n/ms);
    });

    it('refuses clients of a block list, and those that talk before the greeting', async () => {
      const listed = `${server} --local-interface 203.0.113.66 --from a@origin.net --to bob@example.com`;
      expect(await postfix.answer(listed)).toMatch(/^550 5\.7\.1 .*blocked using blocked\.example/);
      const early = await postfix.talk('203.0.113.8', 'at-once', [
        'EHLO client.origin.net\\r\\nMAIL FROM:<a@origin.net>\\r\\nRCPT TO:<bob@example.com>\\r\\nQUIT\\r\\n',
      ]);
      expect(early).toMatch(/^550 5\.5\.1 Protocol error/m);
    });
  });

  describe('forwarding', () => {
    let rewritten: string;

    it('rewrites the sender, and turns a bounce back to the one who sent', async () => {
      const [forwarded] = await postfix.send(`${outside} --from 'A.B+c@origin.net' --to partner@example.com`);
      rewritten = forwarded?.sender ?? '';
      expect(rewritten).toMatch(/^SRS0=[^=]+=[^=]+=origin\.net=A\.B\+c@everything\.example$/);

      const bounced = await postfix.send(`${outside} --from '<>' --to '${rewritten}'`);
      expect(envelopes(bounced)).toEqual(['sink:  > A.B+c@origin.net']);
    });

    it('refuses a rewritten address that it did not make, catch-all or not', async () => {
      const forged = rewritten.replace(/^SRS0=..../, 'SRS0=AAAA');
      expect(await postfix.answer(`${outside} --from '<>' --to '${forged}'`)).toMatch(
        /^550 5\.1\.1 .*not valid/,
      );
      expect(
        await postfix.answer(
          `${outside} --from '<>' --to '${rewritten.replace('origin.net', 'victim.org')}'`,
        ),
      ).toMatch(/^550 5\.1\.1 .*not valid/);
    });

    it('keeps no sender as no sender', async () => {
      const deliveries = await postfix.send(`${outside} --from '<>' --to partner@example.com`);
      expect(envelopes(deliveries)).toEqual(['sink:  > partner@elsewhere.org']);
    });

    it('rewrites what another forwarder has rewritten, without growing for ever', async () => {
      const deliveries = await postfix.send(
        `${outside} --from SRS0=abcd=JL=victim.org=x@origin.net --to partner@example.com`,
      );
      expect(deliveries[0]?.sender).toMatch(
        /^SRS1=[^=]+=origin\.net==abcd=JL=victim\.org=x@everything\.example$/,
      );
    });

    it('tells the sender when the other server refuses', async () => {
      const deliveries = await postfix.send(`${outside} --from a@origin.net --to gone@example.com`);
      expect(envelopes(deliveries)).toEqual(['sink:  > a@origin.net']);
      expect(deliveries[0]?.text).toContain('Subject: Undelivered Mail Returned to Sender');
    });
  });

  describe('on the port for Amavis and Sieve', () => {
    it('takes mail for hosted domains from a neighbour, and relays for none', async () => {
      const hosted = await postfix.send(`${neighbour} --from a@origin.net --to smith@example.com`);
      expect(envelopes(hosted)).toEqual(['mailboxes: a@origin.net > bob@example.com']);
      expect(await postfix.answer(`${neighbour} --from bob@example.com --to x@elsewhere.org`)).toMatch(
        /^554 5\.7\.1 .*Relay/,
      );
    });

    it('turns away who is not in the mail network', async () => {
      expect(
        await postfix.answer(`${outside} --port 10025 --from a@origin.net --to bob@example.com`),
      ).toMatch(/^554 5\.7\.1 .*Client host rejected/);
    });

    it("sends on what Dovecot's container sends, whatever its address", async () => {
      const redirect = '--server 127.0.0.1 --helo dovecot --local-interface 127.0.0.21 --port 10025';
      const deliveries = await postfix.send(`${redirect} --from a@origin.net --to x@elsewhere.org`);
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
