// What happens to mail in a real Amavis 2.13 with SpamAssassin 4 and a real clamd, on rendered configurations.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeReal } from '../../test/debian/debian13.ts';
import { aMailSystem } from '../../test/support/a-mail-system.ts';
import { type RunningAmavis, startAmavis } from './running-amavis.ts';

const offline = { pyzor: false, razor: false };
const gtube = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X';
// In two parts: this file is no virus.
const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD', '-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

const message = (body: string, header: readonly string[] = []) =>
  [
    'Received: from client.elsewhere.org (client.elsewhere.org [198.51.100.20])',
    '\tby mail.example.com with ESMTPS id 1; Sun, 22 Nov 2026 14:00:00 +0000',
    'From: Ann <ann@elsewhere.org>',
    'To: bob@example.com',
    'Subject: a letter',
    'Date: Sun, 22 Nov 2026 14:00:00 +0000',
    'Message-ID: <letter@elsewhere.org>',
    ...header,
    '',
    body,
  ].join('\n');

describeReal('a running Amavis', (debian) => {
  let amavis: RunningAmavis;
  beforeAll(async () => {
    amavis = await startAmavis(
      debian,
      aMailSystem({
        domains: ['example.com', { name: 'example.net', aliasOf: 'example.com' }],
        spam: offline,
      }),
    );
  });
  afterAll(() => amavis?.stop());

  const accepted = '250 2.0.0 from MTA(smtp:[postfix]:10025): 250 2.0.0 Ok';

  it('asks nobody before mail comes, and block lists about mail', async () => {
    const asked = () => amavis.shell('grep -o "query.* from" /tmp/dns.log || :');
    expect(await asked()).toBe('');
    await amavis.send(message('Look at http://www.mailc-shop.org/'));
    await amavis.handedBack();
    expect(await asked()).toContain('query[A] mailc-shop.org.multi.uribl.com from');
  });

  it('hands a letter back, scored and scanned', async () => {
    expect(await amavis.send(message('Dear Bob,\nhow are you?'))).toBe(accepted);
    const [letter] = await amavis.handedBack();
    expect(letter).toMatch(/^X-Virus-Scanned: /m);
    expect(letter).toMatch(/^X-Spam-Flag: NO$/m);
    expect(letter).toMatch(/^X-Spam-Status: No, score=.* tagged_above=-999 required=6\.31$/m);
    expect(letter).toMatch(/how are you\?/);
  });

  it('marks spam and lets it through, for alias domains too', async () => {
    for (const recipient of ['bob@example.com', 'bob@example.net']) {
      expect(await amavis.send(message(gtube), recipient)).toBe(accepted);
      expect((await amavis.handedBack())[0]).toMatch(/^X-Spam-Flag: YES$/m);
    }
  });

  it('removes the marks of others, which Dovecot would believe', async () => {
    const forged = ['X-Spam-Flag: YES', 'X-Spam-Status: Yes, score=99', 'X-Spam-Level: *********'];
    await amavis.send(message('Good morning.', forged));
    const [letter] = await amavis.handedBack();
    expect(letter?.match(/^X-Spam-Flag: .*$/gm)).toEqual(['X-Spam-Flag: NO']);
    expect(letter?.match(/^X-Spam-Status: /gm)).toHaveLength(1);
    expect(letter).not.toContain('*********');
  });

  it('removes Authentication-Results in our name, and no others', async () => {
    const results = ['mail.example.com; dkim=pass header.d=bank.example', 'mx.bank.example; spf=pass'];
    await amavis.send(
      message(
        'Trust me.',
        results.map((result) => `Authentication-Results: ${result}`),
      ),
    );
    const [letter] = await amavis.handedBack();
    expect(letter).not.toContain('header.d=bank.example');
    expect(letter).toContain('Authentication-Results: mx.bank.example; spf=pass');
  });

  /** With a DKIM signature, which holds unless somebody changes the letter. */
  const signed = async (body: string): Promise<string> => {
    const letter = message(body).replaceAll('@elsewhere.org', '@signed.example');
    const sign = `my $dkim = Mail::DKIM::Signer->new(Algorithm => 'rsa-sha256', Method => 'relaxed',
        Domain => 'signed.example', Selector => 'mail', KeyFile => '/tmp/dkim.pem');
      while (<STDIN>) { s/\\n$/\\r\\n/; $dkim->PRINT($_) }
      $dkim->CLOSE; my $signature = $dkim->signature->as_string; $signature =~ s/\\r\\n/\\n/g; print $signature;`;
    const signature = await amavis.shell(
      `perl -MMail::DKIM::Signer -e '${sign.replaceAll("'", '"')}' <<'END'\n${letter}\nEND`,
    );
    expect(signature).toMatch(/^DKIM-Signature: /);
    return `${signature.trimEnd()}\n${letter}`;
  };

  it('says whether a DKIM signature holds', async () => {
    const letter = await signed('Signed, Ann');
    await amavis.send(letter);
    await amavis.send(letter.replace('Signed', 'Forged'));
    const verdicts = (await amavis.handedBack()).map(
      (text) => /^Authentication-Results: mail\.example\.com \(amavis\);\s+dkim=(\w+)/m.exec(text)?.[1],
    );
    expect(verdicts.sort()).toEqual(['fail', 'pass']);
  });

  describe('a virus', () => {
    /** A message with an attachment that holds it, `depth` archives deep. */
    const attached = async (depth: number) => {
      const pack = `use Archive::Zip; use MIME::Base64;
        my ($content, $name) = ($ARGV[0], "test.com");
        for my $level (1 .. $ARGV[1]) {
          my $zip = Archive::Zip->new;
          $zip->addString($content, $name)->desiredCompressionMethod(8);
          open my $file, ">", \\my $packed;
          $zip->writeToFileHandle($file);
          ($content, $name) = ($packed, "level$level.zip");
        }
        print encode_base64($content);`;
      const encoded = await amavis.shell(`perl -e '${pack}' '${eicar}' ${depth}`);
      return [
        '--edge\nContent-Type: text/plain\n\nSee the attachment.\n--edge',
        'Content-Type: application/octet-stream; name=a.bin\nContent-Transfer-Encoding: base64',
        'Content-Disposition: attachment; filename=a.bin\n',
        `${encoded}--edge--`,
      ].join('\n');
    };
    const mixed = ['MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=edge'];

    it.each([0, 1, 3])('is found %i archives deep, kept, and told nobody', async (depth) => {
      const before = await amavis.shell('find /srv/volumes/amavis/virusmails -type f | wc -l');
      expect(await amavis.send(message(await attached(depth), mixed))).toMatch(
        /^250 2\.7\.0 Ok, discarded, .* - INFECTED: Eicar-Test/,
      );
      expect(await amavis.handedBack()).toEqual([]);
      const after = await amavis.shell('find /srv/volumes/amavis/virusmails -type f | wc -l');
      expect(Number(after)).toBe(Number(before) + 1);
    });

    it('is found in the text as well', async () => {
      expect(await amavis.send(message(eicar))).toContain('INFECTED');
      expect(await amavis.handedBack()).toEqual([]);
    });
  });

  it('talks to the mail network alone', async () => {
    expect(await amavis.send(message('Hello?'), 'bob@example.com', '203.0.113.7')).not.toMatch(/^2/);
    expect(await amavis.handedBack()).toEqual([]);
  });

  it('lets nothing through while clamd is away, and keeps nothing of it', async () => {
    await amavis.shell('stop_clamd');
    expect(await amavis.send(message('Dear Bob'))).toMatch(/^451 4\.5\.0 .*ALL VIRUS SCANNERS FAILED/);
    expect(await amavis.handedBack()).toEqual([]);
    await amavis.shell('start_clamd');
    expect(await amavis.send(message('Dear Bob'))).toBe(accepted);
    expect(await amavis.handedBack()).toHaveLength(1);
    expect(await amavis.shell('grep "PRESERVING EVIDENCE" /tmp/log')).toBe('');
  });

  it('goes on after a reload, and counts a DKIM signature in the first message already', async () => {
    await amavis.shell('in_container amavisd -c /etc/mailc/current/amavisd.conf reload');
    expect(await amavis.send(await signed('Still there?'))).toBe(accepted);
    expect((await amavis.handedBack())[0]).toMatch(/^ tests=\[.*DKIM_VALID=/m);
  });

  describe('the learning run', () => {
    const learn = () => amavis.shell('in_container /etc/mailc/current/learn-spam');
    const learned = async () => {
      const magic = await amavis.shell(
        `in_container setpriv --reuid=amavis --regid=amavis --init-groups env HOME=/var/lib/amavis \\
          sa-learn --siteconfigpath=/etc/mailc/current/spamassassin --dump magic`,
      );
      const count = (kind: string) =>
        Number(new RegExp(`(\\d+) +\\d+ +non-token data: n${kind}`).exec(magic)?.[1]);
      return { spam: count('spam'), ham: count('ham') };
    };
    /** As Dovecot leaves them: readable for vmail alone. */
    const put = (path: string, subject: string) =>
      amavis.shell(`mkdir -p $(dirname /srv/volumes/${path}); cat >/srv/volumes/${path} <<'END'
${message(`${subject} is what this one is about, at length`).replace('a letter', subject).replace('<letter', `<${subject}`)}
END
chown -R 500:500 /srv/volumes/vmail /srv/volumes/learn; chmod -R go= /srv/volumes/vmail /srv/volumes/learn`);

    it('takes what was handed over, and removes it', async () => {
      await put('learn/spam/1', 'pills');
      await put('learn/ham/2', 'lunch');
      await learn();
      expect(await learned()).toEqual({ spam: 1, ham: 1 });
      expect(await amavis.shell('find /srv/volumes/learn -type f')).toBe('');
    });

    it('reads Junk and NotJunk of everybody, each message once, and no other folder', async () => {
      await put('vmail/example.com/bob/mail/.Junk/cur/3:2,S', 'lottery');
      await put('vmail/example.com/alice/mail/.NotJunk/new/4', 'invoice');
      await put('vmail/example.com/alice/mail/cur/5:2,', 'private');
      expect(await learn()).toMatch(/Learned tokens from 1 message\(s\)/);
      expect(await learned()).toEqual({ spam: 2, ham: 2 });
      expect(await learn()).not.toContain('Learned');
      expect(await amavis.shell('find /srv/volumes/vmail -type f | wc -l')).toBe('3\n');
    });

    it('thinks again about a message that was moved', async () => {
      await amavis.shell(
        'cd /srv/volumes/vmail/example.com/alice/mail; mkdir -p .Junk/new; mv .NotJunk/new/4 .Junk/new/4',
      );
      await learn();
      expect(await learned()).toEqual({ spam: 3, ham: 1 });
    });

    it('learns once from a message that was handed over and lies in Junk, of several people too', async () => {
      const copies = ['learn/spam/6', 'learn/spam/7', 'vmail/example.com/bob/mail/.Junk/cur/8:2,'];
      for (const copy of [...copies, 'vmail/example.com/alice/mail/.Junk/cur/9:2,'])
        await put(copy, 'watches');
      await learn();
      expect(await learned()).toEqual({ spam: 4, ham: 1 });
    });

    it('leaves no copy behind', async () => {
      expect(await amavis.shell('find /srv/volumes/amavis/tmp -name "learn.*"')).toBe('');
    });
  });
});

describeReal('an Amavis that discards spam and scans for no virus', (debian) => {
  let amavis: RunningAmavis;
  beforeAll(async () => {
    const spam = { ...offline, discardLevel: 20, bayes: false };
    amavis = await startAmavis(debian, aMailSystem({ spam, virus: { enabled: false } }));
    await amavis.shell('stop_clamd');
  });
  afterAll(() => amavis?.stop());

  it('keeps spam in quarantine and tells nobody', async () => {
    expect(await amavis.send(message(gtube))).toMatch(/^250 2\.7\.0 Ok, discarded, .* - spam/);
    expect(await amavis.handedBack()).toEqual([]);
    expect(await amavis.shell('find /srv/volumes/amavis/virusmails -name "spam-*" | wc -l')).toBe('1\n');
  });

  it('hands back the rest, without clamd', async () => {
    expect(await amavis.send(message('Good evening.'))).toMatch(/^250 2\.0\.0 from MTA/);
    expect((await amavis.handedBack())[0]).not.toContain('X-Virus-Scanned');
  });
});
