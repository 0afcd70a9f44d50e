import type { PeerCertificate } from 'node:tls';
import { expect, it } from 'vitest';
import { judgeCertificate } from './judge-certificate.ts';

const now = new Date('2026-06-15T12:00:00Z');

/** For the names given, valid in June 2026. */
function certificateFor(subjectaltname: string): PeerCertificate {
  return {
    raw: Buffer.from('der'),
    subject: { CN: 'whatever' },
    subjectaltname,
    valid_from: 'Jun  1 00:00:00 2026 GMT',
    valid_to: 'Jun 30 00:00:00 2026 GMT',
  } as unknown as PeerCertificate;
}

const judge =
  (certificate: PeerCertificate | null, at = now) =>
  () =>
    judgeCertificate(certificate, 'mail.example.com', at);

it.each(['DNS:mail.example.com', 'DNS:other.example.com, DNS:mail.example.com', 'DNS:*.example.com'])(
  'a certificate for %s is one for mail.example.com',
  (names) => expect(judge(certificateFor(names))).not.toThrow(),
);

it.each(['DNS:example.com', 'DNS:mail.example.org', 'DNS:*.mail.example.com', 'IP Address:192.0.2.1'])(
  'a certificate for %s is none',
  (names) =>
    expect(judge(certificateFor(names))).toThrow(
      `the certificate is for "${names}", not for "mail.example.com"`,
    ),
);

it('a certificate is judged by the day', () => {
  const certificate = certificateFor('DNS:mail.example.com');
  expect(judge(certificate, new Date('2026-07-01T00:00:00Z'))).toThrow('expired, on 2026-06-30');
  expect(judge(certificate, new Date('2026-05-31T00:00:00Z'))).toThrow('not valid before 2026-06-01');
});

it('no certificate is not enough', () => {
  expect(judge(null)).toThrow('there is no certificate');
  expect(judge({} as PeerCertificate)).toThrow('there is no certificate');
});
