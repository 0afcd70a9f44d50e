/**
 * The canary: messages that its account hands in by submission and finds by IMAP. One goes straight, one by Amavis as
 * mail from other servers does, one by sender rewriting as mail to other servers does; then they are removed.
 */
import { randomBytes } from 'node:crypto';
import { canaryPasswordSecret } from '../../model/canary.ts';
import type { Host, MailSystem } from '../../model/mail-system.ts';
import { CanaryMailbox } from './canary-mailbox.ts';
import { type CanaryWay, canaryMessage, canaryWays } from './canary-ways.ts';
import type { Dialog } from './dialog.ts';
import { type Listener, listenersOf, openListener } from './listener.ts';
import { NothingToProve, ProbeFailure, Unanswered } from './probe-result.ts';
import { submitAsCanary } from './submit-as-canary.ts';

export interface CanaryRequest {
  readonly system: MailSystem;
  /** Whose Postfix takes the messages. */
  readonly host: Host;
  readonly secrets: ReadonlyMap<string, string>;
  readonly addressOf: (host: Host) => string;
  readonly signal: AbortSignal;
}

/** Milliseconds until all messages must be there, and until those that are not are sent once more. */
const patience = 30_000;
const resendAfter = 10_000;

/**
 * Says what was proved. Throws a ProbeFailure that says how far a message came, or NothingToProve where none can be
 * sent.
 */
export async function probeCanary(request: CanaryRequest): Promise<string> {
  const { system, host, secrets, addressOf, signal } = request;
  const submission = chosen(listenersOf(system, host, addressOf), 'submissions', 'submission');
  if (submission === null) throw new NothingToProve('not sent, since this host publishes no submission');
  const mailHost = mailHostOf(system, host);
  const imap = mailHost && chosen(listenersOf(system, mailHost, addressOf), 'imaps', 'imap');
  if (mailHost === null || imap === null) {
    throw new NothingToProve('not sent, since no IMAP is published to find it by');
  }
  const password = secrets.get(canaryPasswordSecret);
  if (password === undefined) throw new ProbeFailure('its password is not on this host');

  const dialog = await openImap(imap, signal, mailHost.name === host.name);
  if (dialog === null) throw new NothingToProve(`not sent, since IMAP of host ${mailHost.name} is away`);
  const mailbox = await CanaryMailbox.open(dialog, imap, password);
  try {
    await mailbox.removeForgotten();
    const token = randomBytes(12).toString('hex');
    const send = (ways: readonly CanaryWay[]) =>
      submitAsCanary(
        submission,
        password,
        ways.map((way) => ({ recipient: way.recipient, text: canaryMessage(way, token, new Date()) })),
        signal,
      );
    const ways = canaryWays(system, host);
    await send(ways);
    await arrive(mailbox, ways, token, send);
    await mailbox.remove(token);
    return `went ${ways.map(({ name }) => name).join(', ')}; read by IMAP and removed`;
  } finally {
    await mailbox.close();
  }
}

async function arrive(
  mailbox: CanaryMailbox,
  ways: readonly CanaryWay[],
  token: string,
  send: (ways: readonly CanaryWay[]) => Promise<void>,
): Promise<void> {
  const begin = performance.now();
  let sent = begin;
  let missing = ways;
  for (;;) {
    const still: CanaryWay[] = [];
    for (const way of missing) {
      const header = await mailbox.headerOf(way, token);
      if (header === null) still.push(way);
      else way.judge(header);
    }
    missing = still;
    const [first] = missing;
    if (first === undefined) return;
    const now = performance.now();
    if (now - begin > patience) {
      const straight = missing.find(({ name }) => name === 'straight');
      throw new Unanswered(
        `not in its mailbox after ${patience / 1000} seconds, ${(straight ?? first).stuck}`,
      );
    }
    // What was put off while a service started is tried again by Postfix in minutes only, a new message at once.
    if (now - sent > resendAfter) {
      await send(missing);
      sent = performance.now();
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Null where another host, which has probes of its own, does not answer. */
async function openImap(imap: Listener, signal: AbortSignal, own: boolean): Promise<Dialog | null> {
  try {
    return await openListener(imap, signal);
  } catch (cause) {
    if (own || !(cause instanceof ProbeFailure)) throw cause;
    return null;
  }
}

/** Where the host's Postfix delivers; as endpoints are decided. */
function mailHostOf(system: MailSystem, host: Host): Host | null {
  if (host.services.includes('dovecot')) return host;
  return system.hosts.find(({ services }) => services.includes('dovecot')) ?? null;
}

function chosen(listeners: readonly Listener[], ...names: readonly Listener['name'][]): Listener | null {
  for (const name of names) {
    const found = listeners.find((listener) => listener.name === name);
    if (found !== undefined) return found;
  }
  return null;
}
