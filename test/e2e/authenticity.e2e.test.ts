// Who a message is from, as far as it can be proved: DKIM of what goes out, as others verify it; SPF, DKIM, DMARC
// and a verdict forged in our name of what comes in.

import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { dkimSign } from 'mailauth/lib/dkim/sign';
import { dkimVerify } from 'mailauth/lib/dkim/verify';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  connectOutside,
  header,
  type Mail,
  messageIn,
  messageOf,
  receive,
  submit,
} from './support/clients.ts';
import { describeWorld, type World } from './support/shared.ts';

describeWorld('authenticity', (start) => {
  let world: World;
  beforeAll(async () => {
    world = await start();
  });

  describe('of what goes out', () => {
    it.each([
      { user: 'bob@example.com', from: 'bob@example.com', domain: 'example.com', selector: 'mail' },
      { user: 'bob@example.com', from: 'bob@example.net', domain: 'example.net', selector: 'mail' },
      { user: 'carol@example.org', from: 'carol@example.org', domain: 'example.org', selector: 'key1' },
    ] as const)('signs what $from sends with the key of $domain, as others verify it', async (one) => {
      const { user, from, domain, selector } = one;
      const key = createPublicKey(world.secret(`dkim.${domain}.${selector}`));
      const published = key.export({ type: 'spki', format: 'der' }).toString('base64');
      world.dns.add({ [`${selector}._domainkey.${domain}`]: { TXT: [`v=DKIM1; k=rsa; p=${published}`] } });
      const subject = `signed for ${from}`;
      expect(await submit(world, user, { from, to: 'someone@elsewhere.example', subject })).toMatchObject({
        code: 250,
      });
      const { raw } = await world.outside.message(subject);

      const good = await dkimVerify(Buffer.from(raw, 'latin1'), { resolver: world.dns.resolve });
      expect(good.results).toMatchObject([
        { signingDomain: domain, selector, status: { result: 'pass', aligned: domain } },
      ]);
      expect(key.asymmetricKeyDetails?.modulusLength).toBeGreaterThanOrEqual(2048);
      const changed = raw.replace('This is the message', 'This was the message');
      // Nor may anybody add another author, whom mail programs may show instead.
      const doubled = `From: <ceo@bank.example>\r\n${raw}`;
      for (const forged of [changed, doubled]) {
        const bad = await dkimVerify(Buffer.from(forged, 'latin1'), { resolver: world.dns.resolve });
        expect(bad.results[0]?.status.result).not.toBe('pass');
      }
    });
  });

  describe.concurrent('of what comes in', () => {
    let key: KeyObject;
    beforeAll(() => {
      const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const published = keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
      key = keys.privateKey;
      world.dns.add({
        'out1._domainkey.elsewhere.example': { TXT: [`v=DKIM1; k=rsa; p=${published}`] },
        'soft.example': { MX: ['10 mx.elsewhere.example'], TXT: ['v=spf1 ~all'] },
        'strict.example': { MX: ['10 mx.elsewhere.example'], TXT: ['v=spf1 -all'] },
        'careless.example': { MX: ['10 mx.elsewhere.example'] },
      });
    });

    /** A message with the signature of elsewhere.example. */
    const signed = async (mail: Mail): Promise<string> => {
      const message = messageOf(mail);
      const signer = {
        signingDomain: 'elsewhere.example',
        selector: 'out1',
        privateKey: key.export({ type: 'pkcs8', format: 'pem' }),
      };
      // The package reads `signatureData`, and its types want the same beside it.
      const { signatures } = await dkimSign(message, { ...signer, ...{ signatureData: [signer] } });
      return signatures + message;
    };
    const take = async (subject: string, message: string): Promise<string> => {
      const client = await connectOutside(world);
      const reply = await client.send('someone@elsewhere.example', ['bob@example.com'], message);
      expect(reply).toMatchObject({ code: 250 });
      await client.quit();
      return (await messageIn(world, 'bob@example.com', subject)).raw;
    };

    it('a signature is verified, and a verdict forged in our name removed', async () => {
      const forged = `Authentication-Results: ${world.host}; dkim=pass header.d=bank.example`;
      const mail = { to: 'bob@example.com', subject: 'signed outside', headers: [forged] };
      const raw = await take(mail.subject, await signed(mail));
      expect(header(raw, 'Authentication-Results')).toMatch(/dkim=pass .*header\.d=elsewhere\.example/);
      expect(header(raw, 'X-Spam-Status')).toMatch(/DKIM_VALID=.*DKIM_VALID_AU=/);
      expect(raw).not.toContain('bank.example');
    });

    it('a signature that does not hold is worth nothing', async () => {
      const mail = { to: 'bob@example.com', subject: 'signed outside, and changed' };
      const changed = (await signed(mail)).replace('This is the message', 'This was the message');
      const raw = await take(mail.subject, changed);
      expect(raw).not.toContain('dkim=pass');
      expect(header(raw, 'X-Spam-Status')).toContain('DKIM_INVALID=');
      expect(header(raw, 'X-Spam-Status')).not.toContain('DKIM_VALID');
    });

    it.each([
      { from: 'someone@elsewhere.example', record: 'has our client', verdict: 'SPF_PASS' },
      { from: 'someone@strict.example', record: 'has nobody', verdict: 'SPF_FAIL' },
      { from: 'someone@soft.example', record: 'has nobody, but may be wrong', verdict: 'SPF_SOFTFAIL' },
      { from: 'someone@careless.example', record: 'is not there', verdict: 'SPF_NONE' },
    ])('$from, whose SPF record $record, is scored with $verdict alone', async ({ from, verdict }) => {
      const subject = `judged as ${verdict}`;
      expect(await receive(world, { from, to: 'bob@example.com', subject })).toMatchObject({ code: 250 });
      const { raw } = await messageIn(world, 'bob@example.com', subject);
      const verdicts = header(raw, 'X-Spam-Status')?.match(/SPF_(PASS|FAIL|SOFTFAIL|NEUTRAL|NONE)(?==)/g);
      expect(verdicts).toEqual([verdict]);
    });

    it.each([
      { policy: 'reject', verdict: 'DMARC_REJECT' },
      { policy: 'quarantine', verdict: 'DMARC_QUAR' },
      { policy: 'none', verdict: 'DMARC_NONE' },
    ])('what is not from where it says, under a policy of $policy (DMARC), is scored', async (one) => {
      // Only below a suffix that is in the public list.
      const domain = `mailc-${one.policy}.org`;
      world.dns.add({
        [domain]: { MX: ['10 mx.elsewhere.example'], TXT: ['v=spf1 -all'] },
        [`_dmarc.${domain}`]: { TXT: [`v=DMARC1; p=${one.policy}`] },
      });
      const mail = { from: `someone@${domain}`, to: 'bob@example.com', subject: `policy ${one.policy}` };
      expect(await receive(world, mail)).toMatchObject({ code: 250 });
      const { raw } = await messageIn(world, 'bob@example.com', mail.subject);
      expect(header(raw, 'X-Spam-Status')).toContain(`${one.verdict}=`);
    });

    it('what is from where it says passes DMARC', async () => {
      world.dns.add({
        'mailc-aligned.org': {
          MX: ['10 mx.elsewhere.example'],
          TXT: [`v=spf1 ip4:${world.outside.address} -all`],
        },
        '_dmarc.mailc-aligned.org': { TXT: ['v=DMARC1; p=reject'] },
      });
      const mail = { from: 'someone@mailc-aligned.org', to: 'bob@example.com', subject: 'aligned' };
      expect(await receive(world, mail)).toMatchObject({ code: 250 });
      const { raw } = await messageIn(world, 'bob@example.com', mail.subject);
      expect(header(raw, 'X-Spam-Status')).toContain('DMARC_PASS=');
    });
  });
});
