/** Whether a server shows a certificate that mail programs will take for this host. */
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { quote } from '../../diagnostics/quote.ts';
import { ProbeFailure } from './probe-result.ts';

/** Throws a ProbeFailure when it is not valid at `now`, or not for `name` (RFC 9525). */
export function judgeCertificate(certificate: PeerCertificate | null, name: string, now: Date): void {
  if (certificate === null || certificate.raw === undefined)
    throw new ProbeFailure('there is no certificate');
  const until = new Date(certificate.valid_to);
  if (now > until) throw new ProbeFailure(`the certificate has expired, on ${dayOf(until)}`);
  const from = new Date(certificate.valid_from);
  if (now < from) throw new ProbeFailure(`the certificate is not valid before ${dayOf(from)}`);
  if (checkServerIdentity(name, certificate) !== undefined) {
    const names = certificate.subjectaltname ?? `CN:${String(certificate.subject?.CN ?? '')}`;
    throw new ProbeFailure(`the certificate is for ${quote(names)}, not for ${quote(name)}`);
  }
}

function dayOf(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'an unknown day' : date.toISOString().slice(0, 10);
}
