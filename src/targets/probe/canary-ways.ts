/** The ways that a canary takes through Postfix, and how one knows that it did. */
import { formatAddress } from '../../model/address.ts';
import { canary, canaryDetours, canaryDomain } from '../../model/canary.ts';
import type { Host, MailSystem } from '../../model/mail-system.ts';
import { ProbeFailure } from './probe-result.ts';

export interface CanaryWay {
  readonly name: 'straight' | 'by the filter' | 'by sender rewriting';
  readonly recipient: string;
  /** Of the header `From`: OpenDKIM signs for its domain. */
  readonly author: string;
  /** Throws a ProbeFailure when the header that arrived shows another way. */
  readonly judge: (header: string) => void;
  /** Where a message is that does not arrive, and who says why. */
  readonly stuck: string;
}

/** The shortest first: what holds it up holds up the others too. */
export function canaryWays(system: MailSystem, host: Host): readonly CanaryWay[] {
  const endpoints = system.endpoints[host.name];
  const filtered = (system.spam.enabled || system.virus.enabled) && endpoints?.amavis != null;
  const signed =
    endpoints?.milter == null ? undefined : system.domains.find(({ dkim }) => dkim !== null)?.name;
  const author = `${canary.localpart}@${signed ?? canaryDomain}`;
  const judgeSignature = (header: string): void => {
    if (signed === undefined || header.includes(`d=${signed};`)) return;
    throw new ProbeFailure(`not signed for ${signed} by OpenDKIM`);
  };
  const ways: CanaryWay[] = [
    {
      name: 'straight',
      recipient: formatAddress(canary),
      author,
      judge: judgeSignature,
      stuck:
        'though Postfix took it: it is between the queue and Dovecot (LMTP); the log of postfix says why',
    },
  ];
  if (filtered) {
    ways.push({
      name: 'by the filter',
      recipient: formatAddress(canaryDetours.filter),
      author,
      judge: (header) => {
        if (!/^Received:.*\n?.*amavis/im.test(header)) throw new ProbeFailure('not filtered by Amavis');
      },
      stuck:
        'though one without filter is: it is between Postfix and Amavis; the logs of postfix and amavis say why',
    });
  }
  ways.push({
    name: 'by sender rewriting',
    recipient: formatAddress(canaryDetours.out),
    author,
    judge: (header) => {
      if (!header.includes(`@${system.mail.srsDomain}>`) || !/^Return-Path: <SRS0[-+=]/im.test(header)) {
        throw new ProbeFailure('its sender is not rewritten (SRS)');
      }
    },
    stuck:
      'though one without sender rewriting is: mail to other servers waits too; the log of postfix says why',
  });
  return ways;
}

export function canaryMessage(way: CanaryWay, token: string, date: Date): string {
  return [
    `From: ${way.author}`,
    `To: ${way.recipient}`,
    `Date: ${date.toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${subjectOf(way, token).replaceAll(' ', '-')}@${canaryDomain}>`,
    `Subject: ${subjectOf(way, token)}`,
    'Auto-Submitted: auto-generated',
    '',
    'mailc apply sends this to see that mail flows, and removes it.',
  ].join('\r\n');
}

/** Unlike that of any other message, whatever the token of it. */
export function subjectOf(way: CanaryWay, token: string): string {
  return `${token} ${way.name}`;
}
